import BenchModel
import Foundation
import LoadSupport

/// What a figure is worth little without.
enum MachineFacts {
    static func setup(
        command: String, rounds: Int, seconds: Int, connections: Int
    ) async throws -> CompareReport.Setup {
        CompareReport.Setup(
            date: Date().formatted(.iso8601.year().month().day()), command: command, rounds: rounds, seconds: seconds, connections: connections,
            cpuModel: ThisMachine.cpuModel, cores: ThisMachine.cores, kernel: ThisMachine.kernel, versions: try await versions())
    }

    /// `Redis 7.0.15` and so on; a program that is missing is left out.
    private static func versions() async throws -> [String] {
        let sources = [
            ("Swift", ["swift", "--version"]), ("Redis", ["redis-server", "--version"]), ("Postgres", ["psql", "--version"]),
            ("nginx", [NginxServer.program, "-v"]), ("wrk", ["wrk", "-v"]),
        ]
        var versions: [String] = []
        for (name, command) in sources {
            let outcome = try await Subprocess(command[0])([command[1]])
            if let version = (outcome.data + outcome.messages).firstMatch(of: /[0-9]+\.[0-9]+(\.[0-9]+)?/) {
                versions.append("\(name) \(version.output.0)")
            }
        }
        return versions
    }
}
