import OperatorAPI

/// Nodes as a list.
extension OperatorNode: Listed {
    static var plural: String { "nodes" }
    static var columns: [Column<OperatorNode>] {
        [
            Column("name", "NODE") { $0.name },
            Column("address") { $0.address },
            Column("admin_address", isWide: true) { $0.adminAddress },
            Column("version", isWide: true) { $0.version },
            Column("started_at", "SINCE", isWide: true) { $0.startedAt },
            Column("seen_at", "SEEN", isWide: true) { $0.seenAt ?? "" },
            Column("state", isFlexible: true, data: { $0.state }) { $0.stateWithReasons },
            Column("checks", isWide: true) { node in node.checks.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
            },
            Column("queue", .none, .right) { String($0.queue) },
            Column("admitted", .none, .right, isWide: true) { String($0.admitted) },
            Column("connections", "CONNS", .right) { String($0.connections) },
            Column("rss_bytes", "MEMORY", .right, data: { String($0.residentBytes) }) { "\($0.residentBytes / 1_000_000) MB" },
        ]
    }

    var state: String { draining ? "draining" : ready ? "ready" : "not ready" }

    private var stateWithReasons: String {
        draining || ready || checks.isEmpty ? state : state + ": " + checks.keys.sorted().joined(separator: ", ")
    }
}
