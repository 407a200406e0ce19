import Foundation
import Glibc
import PrivateServers

/// A program that has started. Its input and outputs are files: no pipe fills up, and no thread has
/// to wait at one.
package final class RunningSubprocess: Sendable {
    private let child: ChildProcess
    private let directory: String

    init(_ program: Subprocess, _ arguments: [String], input: String) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "seckill-program-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        do {
            try Data(input.utf8).write(to: URL(filePath: "\(directory)/in"))
            let redirection = "exec \"$@\" <\"$directory/in\" >\"$directory/out\" 2>\"$directory/err\""
            child = try ChildProcess(
                .init(
                    program: "/bin/sh",
                    arguments: ["-c", "directory=$1; shift; \(redirection)", "sh", directory, program.executable] + arguments,
                    environment: program.environment, log: "\(directory)/err"))
        } catch {
            try? FileManager.default.removeItem(atPath: directory)
            throw error
        }
    }

    /// Whoever forgets it leaves nothing behind.
    deinit {
        child.signal(SIGKILL)
        try? FileManager.default.removeItem(atPath: directory)
    }

    package var pid: Int32 { child.pid }
    package var isRunning: Bool { child.status == nil }
    /// What it has written to standard output so far.
    package var data: String { text("out") }
    /// What it has written to standard error so far.
    package var messages: String { text("err") }

    package func signal(_ number: Int32) {
        child.signal(number)
    }

    /// Waits for the end.
    package func outcome() async throws -> Subprocess.Outcome {
        await child.waitUntilExit()
        let status = child.status ?? 0
        return Subprocess.Outcome(status: status & 0x7F == 0 ? status >> 8 : 128 + (status & 0x7F), data: data, messages: messages)
    }

    private func text(_ name: String) -> String {
        (try? Data(contentsOf: URL(filePath: "\(directory)/\(name)"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
