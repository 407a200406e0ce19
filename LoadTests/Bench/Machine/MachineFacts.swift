import BenchModel
import Foundation

/// What a figure is worth little without.
enum MachineFacts {
    static func setup(
        command: String, rounds: Int, seconds: Int, connections: Int, _ workspace: Workspace
    ) async throws -> CompareReport.Setup {
        CompareReport.Setup(
            date: Date().formatted(.iso8601.year().month().day()), command: command, rounds: rounds, seconds: seconds, connections: connections,
            cpuModel: cpuModel, cores: cores, kernel: kernel, versions: try await versions(workspace))
    }

    private static var cpuModel: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line.flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU"
    }

    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    private static var kernel: String {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return "Linux " + release.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// `Redis 7.0.15` and so on; a program that is missing is left out.
    private static func versions(_ workspace: Workspace) async throws -> [String] {
        let sources = [
            ("Swift", ["swift", "--version"]), ("Redis", ["redis-server", "--version"]), ("Postgres", ["psql", "--version"]),
            ("nginx", [Program.nginx, "-v"]), ("wrk", ["wrk", "-v"]),
        ]
        var versions: [String] = []
        for (name, command) in sources {
            let output = try await Program.run(command, log: "\(workspace.empty("version"))/output").output
            if let version = output.firstMatch(of: /[0-9]+\.[0-9]+(\.[0-9]+)?/) { versions.append("\(name) \(version.output.0)") }
        }
        return versions
    }
}
