package import SaleService

extension RedisStockStore: TimelineStore {
    /// A hash of its own: it belongs to no sale, and outlives them all.
    private static let key = "seckill:timelines"

    package func share(_ seen: [LedgerTimeline]) async throws(StoreError) -> [LedgerTimeline] {
        guard !seen.isEmpty else { return [] }
        let arguments = seen.flatMap { ["\($0.cluster)", "\($0.number)"] }
        let reply = try await evaluate(.timelines, keys: [Self.key], arguments)
        guard let numbers = reply.elements?.compactMap(\.number), numbers.count == seen.count else { throw unreadable("timelines.lua") }
        return zip(seen, numbers).map { LedgerTimeline(cluster: $0.cluster, number: $1) }
    }
}
