package import SaleService

/// A node as operators see it, over REST and in the command line.
package struct OperatorNode: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case id, name, version, address, ready, draining, checks, queue, admitted, connections
        case startedAt = "started_at"
        case adminAddress = "admin_address"
        case residentBytes = "rss_bytes"
        case seenAt = "seen_at"
    }

    package let id: String
    package let name: String
    package let version: String
    package let address: String
    package let adminAddress: String
    package let startedAt: String
    package let seenAt: String?
    package let ready: Bool
    package let draining: Bool
    /// What is not well.
    package let checks: [String: String]
    package let queue: Int
    package let admitted: Int
    package let connections: Int
    package let residentBytes: Int

    package init(_ node: NodeHeartbeat) {
        id = node.id
        name = node.id
        version = node.version
        address = node.address
        adminAddress = node.adminAddress
        startedAt = "\(node.startedAt)"
        seenAt = node.seenAt.map { "\($0)" }
        ready = node.isReady
        draining = node.isDraining
        checks = node.checks.filter { !$0.value.isEmpty }
        func figure(_ name: String) -> Int { Int(node.figures[name] ?? 0) }
        queue = figure("seckill_queue_orders")
        admitted = figure("seckill_admitted_purchases")
        connections = figure("seckill_connections_open")
        residentBytes = figure("process_resident_memory_bytes")
    }
}
