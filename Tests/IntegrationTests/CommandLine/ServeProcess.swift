import Foundation
import Glibc
import NIOHTTP1
import PrivateServers
import ServerAssembly
import Testing

/// `seckill serve` as a process of its own, which drains at once when it is told to.
struct ServeProcess: Sendable {
    let command: RunningCommand
    let port: Int
    let adminPort: Int

    /// Who starts it.
    enum Starter {
        case us
        /// In a session of its own, without a terminal, as supervisors do (setsid(1)).
        case supervisor
        /// On a terminal of its own, to which it writes everything (script(1)).
        case terminal
        case nohup
    }

    /// - Parameter log: takes its log in place of a file.
    init(environment: [String: String], by starter: Starter = .us, log: FileHandle? = nil) throws {
        (port, adminPort) = (try LocalPort.free(), try LocalPort.free())
        let usual = ["SECKILL_AUTH": "trusted-header", "SECKILL_DRAIN_DELAY": "0s", "SECKILL_EVENT_LOOPS": "2"]
        let serve = [SeckillCommand.executable, "serve", "--bind", "127.0.0.1:\(port)", "--admin-bind", "127.0.0.1:\(adminPort)"]
        let words =
            switch starter {
            case .us: serve
            case .supervisor: ["/usr/bin/setsid", "--wait"] + serve
            case .terminal:
                ["/usr/bin/script", "--quiet", "--return", "--command", "exec " + serve.joined(separator: " "), "/dev/null"]
            case .nohup: ["/usr/bin/nohup"] + serve
            }
        command = try RunningCommand(words[0], Array(words.dropFirst()), environment: usual.merging(environment) { $1 }, messages: log)
    }

    /// Sends it a signal, rather than to whoever started it.
    func signal(_ number: Int32) throws {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
        let node = processes.first { pid in
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
            let words = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
            return program == SeckillCommand.executable && words.contains("127.0.0.1:\(port)\0")
        }
        kill(try #require(node), number)
    }

    var service: ServiceUnderTest {
        ServiceUnderTest(address: ListenAddress(host: "127.0.0.1", port: port), admin: ListenAddress(host: "127.0.0.1", port: adminPort))
    }

    func isReady() async throws {
        try await eventually { [service] in (try? await service.send(.GET, "/readyz").status) == 200 ? true : nil }
    }
}

/// A pipe that is full and that nobody reads, as when a log driver hangs.
struct StalledPipe {
    let writing: FileHandle
    private let pipe = Pipe()

    init() throws {
        writing = pipe.fileHandleForWriting
        let handle = writing.fileDescriptor
        _ = fcntl(handle, F_SETFL, O_NONBLOCK)
        let page = [UInt8](repeating: UInt8(ascii: "-"), count: 4_096)
        while write(handle, page, page.count) > 0 {}
        try #require(errno == EAGAIN)
        _ = fcntl(handle, F_SETFL, 0)
    }

    /// What it is full of, and all that came after it meanwhile.
    func readAll() throws -> String {
        try writing.close()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }
}
