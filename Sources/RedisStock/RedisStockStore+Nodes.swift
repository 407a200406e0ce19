import SaleCore
package import SaleService

extension RedisStockStore: NodeDirectory {
    /// Keys of their own, beside those of the sales.
    private static let prefix = "seckill:node:"
    private static let list = "seckill:nodes"
    private static let wishes = "seckill:node-wishes"
    private static let lifetime = "\(Limits.nodeLifetimeMilliseconds)"
    /// For so many milliseconds heartbeats leave a silent node in the list.
    private static let remembered = Int64(10 * Limits.nodeLifetimeMilliseconds)

    package func beat(_ heartbeat: NodeHeartbeat) async throws(StoreError) -> NodeWish? {
        let keys = [Self.prefix + heartbeat.id, Self.list, Self.wishes]
        let fields = heartbeat.fields.flatMap { [$0.key, $0.value] }
        return try await evaluate(.heartbeat, keys: keys, [heartbeat.id, Self.lifetime] + fields).text.flatMap { NodeWish(rawValue: $0) }
    }

    package func nodes() async throws(StoreError) -> [NodeHeartbeat] {
        guard let replies = try await evaluate(.nodes, keys: [Self.list], [Self.prefix, Self.lifetime]).elements else {
            throw unreadable("nodes.lua")
        }
        var nodes: [NodeHeartbeat] = []
        for reply in replies {
            guard let node = reply.elements, node.count == 3, let id = node[0].text, let seenAt = node[1].number, let words = node[2].elements else {
                throw unreadable("nodes.lua")
            }
            var fields: [String: String] = [:]
            for index in stride(from: 0, to: words.count - 1, by: 2) { fields[words[index].text ?? ""] = words[index + 1].text }
            nodes.append(NodeHeartbeat(id: id, fields: fields, seenAt: Timestamp(milliseconds: seenAt)))
        }
        return nodes.sorted { $0.id < $1.id }
    }

    package func silences() async throws(StoreError) -> [String: Duration] {
        let now = try await now()
        let words = try await call(["ZRANGEBYSCORE", Self.list, "\(now.milliseconds - Self.remembered)", "+inf", "WITHSCORES"]).elements
        guard let words else { throw unreadable("ZRANGEBYSCORE") }
        var silences: [String: Duration] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            guard let id = words[index].text, let heardAt = words[index + 1].number else { throw unreadable("ZRANGEBYSCORE") }
            silences[id] = .milliseconds(max(0, now.milliseconds - heardAt))
        }
        return silences
    }

    package func wish(_ wish: NodeWish, of node: String) async throws(StoreError) -> Bool {
        guard try await call(["EXISTS", Self.prefix + node]).number == 1 else { return false }
        _ = try await call(["HSET", Self.wishes, node, wish.rawValue])
        return true
    }

    package func leave(_ node: String) async throws(StoreError) {
        _ = try await call(["UNLINK", Self.prefix + node])
        _ = try await call(["ZREM", Self.list, node])
        _ = try await call(["HDEL", Self.wishes, node])
    }
}
