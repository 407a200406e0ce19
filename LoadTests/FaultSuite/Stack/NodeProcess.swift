import Foundation
import Glibc
import LoadClient
import LoadSupport
import NIOCore
import NIOHTTP1
import PrivateServers
import Synchronization

/// One `seckill serve`, which keeps its ports over all its lives.
final class NodeProcess: Sendable {
    let name: String
    let port: Int
    let adminPort: Int
    /// Takes what all its lives say.
    let log: String
    private let executable: String
    private let settings: Mutex<[String: String]>
    private let child = Mutex<ChildProcess?>(nil)

    /// - Parameter settings: environment; the ports are added.
    init(name: String, executable: String, settings: [String: String], directory: String) throws {
        self.name = name
        self.executable = executable
        self.log = "\(directory)/\(name).log"
        let (port, adminPort) = (try LocalPort.free(), try LocalPort.free())
        self.port = port
        self.adminPort = adminPort
        self.settings = Mutex(
            settings.merging(["SECKILL_BIND": "127.0.0.1:\(port)", "SECKILL_ADMIN_BIND": "127.0.0.1:\(adminPort)"]) { $1 })
    }

    var base: String { "http://127.0.0.1:\(port)" }
    var pid: Int32? { child.withLock { $0?.pid } }
    var isRunning: Bool { child.withLock { $0.map { $0.status == nil } ?? false } }
    var figures: ProcessFigures? { pid.flatMap(ProcessFigures.read) }

    /// For the next start.
    func set(_ name: String, _ value: String?) {
        settings.withLock { $0[name] = value }
    }

    func start() throws {
        let settings = settings.withLock { $0 }
        let started = try ChildProcess(ChildProcess.Command(program: executable, arguments: ["serve"], environment: settings, log: log))
        child.withLock { $0 = started }
    }

    func startAndWait(within patience: Duration = .seconds(30)) async throws {
        try start()
        try await waitUntilReady(within: patience)
    }

    func waitUntilReady(within patience: Duration = .seconds(30)) async throws {
        guard try await eventually(within: patience, { try await isReady() || !isRunning }), isRunning else {
            throw SetupFailure("\(name) did not become ready within \(Int(patience.seconds)) s; its log ends: \(lastWords)")
        }
    }

    func isReady() async throws -> Bool {
        let response = try? await WebClient.shared.execute(.GET, "\(base)/readyz", headers: [("Connection", "close")], timeout: .milliseconds(500))
        return response?.status == 200
    }

    /// `kill -9`; returns when the process is gone.
    func kill() async {
        let life = child.withLock { $0 }
        life?.signal(SIGKILL)
        await life?.waitUntilExit()
    }

    func terminate() {
        child.withLock { $0 }?.signal(SIGTERM)
    }

    /// - Returns: the exit status, `nil` for an end by signal or when it still runs after
    ///   `patience`.
    func waitUntilExit(within patience: Duration) async throws -> Int32? {
        guard let life = child.withLock({ $0 }) else { return nil }
        guard try await eventually(within: patience, { life.status != nil }), let status = life.status, status & 0x7F == 0 else { return nil }
        return status >> 8
    }

    /// As a stalled machine.
    func freeze() {
        child.withLock { $0 }?.signal(SIGSTOP)
    }

    func thaw() {
        child.withLock { $0 }?.signal(SIGCONT)
    }

    private var lastWords: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(3).joined(separator: " | ")
    }
}
