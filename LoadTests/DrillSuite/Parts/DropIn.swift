import FaultSuite
import Foundation

/// What the deployment says of a service, in the drop-ins that it puts into a host's
/// `/etc/systemd/system`: there is no systemd in a lab.
struct DropIn {
    struct Command: Sendable {
        var words: [String]
        /// Whatever account the service has.
        var isRoots: Bool
    }

    /// Of `ExecStart`; empty where the package's own unit is left to say it.
    private(set) var start: [String] = []
    private(set) var startPre: [Command] = []
    private(set) var startPost: [Command] = []
    private(set) var stopPost: [Command] = []
    private(set) var environment: [String: String] = [:]

    init(of service: String, on host: Host) throws {
        let directory = "\(host.etc)/systemd/system/\(service).service.d"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".conf") }.sorted()
        guard !names.isEmpty else { throw SetupFailure("\(host.name): nothing is said of \(service)") }
        for name in names { read(try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) }
    }

    private mutating func read(_ text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n").replacing("\\\n", with: " ")
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let words = Self.words(parts[1])
            switch parts[0] {
            case "ExecStart": start = words
            case "ExecStartPre": Self.add(words, to: &startPre)
            case "ExecStartPost": Self.add(words, to: &startPost)
            case "ExecStopPost": Self.add(words, to: &stopPost)
            case "Environment":
                for word in words {
                    let pair = word.split(separator: "=", maxSplits: 1)
                    if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
                }
            default: break
            }
        }
    }

    /// White space parts words, unless it is quoted.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        for (index, piece) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 { words.append(String(piece)) } else { words += piece.split(separator: " ").map(String.init) }
        }
        return words
    }

    /// Nothing takes away what was said before.
    private static func add(_ words: [String], to commands: inout [Command]) {
        if words.isEmpty { commands = [] } else { commands.append(command(words)) }
    }

    /// A `-` before the program lets it fail, a `+` runs it as root.
    private static func command(_ words: [String]) -> Command {
        guard let first = words.first else { return Command(words: [], isRoots: false) }
        let marks = first.prefix { "-+!@:".contains($0) }
        let command = [String(first.dropFirst(marks.count))] + words.dropFirst()
        return Command(words: marks.contains("-") ? ["/bin/sh", "-c", "\"$@\" || true", "sh"] + command : command, isRoots: marks.contains("+"))
    }
}
