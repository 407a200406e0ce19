import OperatorAPI

/// Nodes as a table.
enum NodeReport {
    private static func state(of node: OperatorNode) -> String {
        if node.draining { return "draining" }
        if node.ready { return "ready" }
        return node.checks.isEmpty ? "not ready" : "not ready: " + node.checks.keys.sorted().joined(separator: ", ")
    }

    static func print(_ nodes: [OperatorNode]) {
        var table = TextTable(
            ("NODE", .left), ("ADDRESS", .left), ("VERSION", .left), ("SINCE", .left), ("STATE", .left), ("QUEUE", .right), ("CONNECTIONS", .right),
            ("MEMORY", .right))
        for node in nodes {
            table.add(
                node.id, node.address, node.version, node.startedAt, state(of: node), "\(node.queue)", "\(node.connections)",
                "\(node.residentBytes / 1_000_000) MB")
        }
        table.print()
    }
}
