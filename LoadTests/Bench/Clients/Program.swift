import Foundation
import Glibc
import PrivateServers

/// Programs that run to their end; like the servers, none outlives us.
enum Program {
    /// Debian keeps it off an ordinary user's `PATH`.
    static let nginx = "/usr/sbin/nginx"

    /// - Parameter log: takes what it prints.
    /// - Returns: the exit status (128 and the signal's number for an end by signal) and what is in the log.
    static func run(_ command: [String], environment: [String: String] = [:], log: String) async throws -> (status: Int32, output: String) {
        let child = try ChildProcess(
            ChildProcess.Command(program: command[0], arguments: Array(command.dropFirst()), environment: environment, log: log))
        await withTaskCancellationHandler {
            await child.waitUntilExit()
        } onCancel: {
            child.signal(SIGTERM)
        }
        try Task.checkCancellation()
        let raw = child.status ?? 0
        let status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
        return (status, (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// - Throws: what it said last, unless its status is 0.
    @discardableResult
    static func succeed(_ command: [String], environment: [String: String] = [:], log: String) async throws -> String {
        let (status, output) = try await run(command, environment: environment, log: log)
        guard status == 0 else {
            throw BenchFailure("\(command.joined(separator: " ")) ended with \(status): \(output.split(separator: "\n").last ?? "")")
        }
        return output
    }

    /// Runs on `core` alone.
    static func pinned(_ command: [String], to core: Int?) -> [String] {
        core.map { ["taskset", "--cpu-list", String($0)] + command } ?? command
    }
}
