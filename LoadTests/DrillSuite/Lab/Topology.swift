import FaultSuite
import Foundation
import LoadSupport

/// `deploy/topology.env`, and how its values get into the files of a host.
struct Topology: Sendable {
    private let values: [String: String]
    /// The directory `deploy`, absolute.
    let deployment: String

    init(deployment: String) throws {
        self.deployment = deployment
        let text = try String(contentsOfFile: "\(deployment)/topology.env", encoding: .utf8)
        values = Dictionary(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
        ) { $1 }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    func number(_ name: String) -> Int { Int(self[name]) ?? 0 }

    var prefix: Int { number("PREFIX") }
    var interface: String { self["INTERFACE"] }

    /// Hosts are named in small letters, and their addresses in capitals.
    func address(of host: String) -> String? { values[host.uppercased()] }

    /// An address for clients.
    func client(_ number: Int) -> String {
        self["NETWORK"].prefix { $0 != "/" }.split(separator: ".").dropLast().joined(separator: ".") + ".\(number)"
    }

    /// Writes what `host` needs below `directory`, as an operator would.
    func render(_ host: String, into directory: String) async throws {
        try await Subprocess("\(deployment)/render.sh").succeed([host, directory])
    }
}
