import Logging
package import SaleCore
import ServiceLifecycle

/// Says every second that this node is there, and at once when it obeys something new. What fails
/// is left to the next time: nobody's purchase waits for it, and nothing but people's knowledge of
/// the fleet depends on it.
package struct HeartbeatService: Service {
    private let node: String
    private let directory: any NodeDirectory
    private let catalog: CatalogStore
    private let context: ServiceContext
    private let heartbeat: @Sendable (_ revisions: [SaleID: Int64]) async -> NodeHeartbeat
    private let onWish: @Sendable (NodeWish) -> Void

    /// - Parameter heartbeat: what the node says beside what it obeys.
    package init(
        node: String, directory: any NodeDirectory, catalog: CatalogStore, _ context: ServiceContext,
        heartbeat: @escaping @Sendable (_ revisions: [SaleID: Int64]) async -> NodeHeartbeat, onWish: @escaping @Sendable (NodeWish) -> Void
    ) {
        self.node = node
        self.directory = directory
        self.catalog = catalog
        self.context = context
        self.heartbeat = heartbeat
        self.onWish = onWish
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: [SaleID: Int64]?
            var beatAt = MonotonicInstant.earliest
            while !Task.isCancelled {
                let now = context.runtime.now()
                let revisions = revisions()
                if revisions != told || now >= beatAt {
                    await beat(revisions)
                    told = revisions
                    beatAt = now.advanced(by: Limits.heartbeatInterval.nanoseconds)
                }
                try? await context.runtime.sleep(Limits.heartbeatLook)
            }
        }
        // Nobody need wait for it any more.
        try? await directory.leave(node)
    }

    private func beat(_ revisions: [SaleID: Int64]) async {
        do throws(StoreError) {
            if let wish = try await directory.beat(await heartbeat(revisions)) { onWish(wish) }
        } catch {
            context.logger.trace("heartbeat not told", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Of the sales that are not over, the soonest first where there are too many.
    private func revisions() -> [SaleID: Int64] {
        guard let snapshot = catalog.snapshot else { return [:] }
        let now = snapshot.clock.time(at: context.runtime.now())
        let sales = snapshot.sales.values.map(\.sale).filter { !$0.isForgotten(at: now) }
        let told =
            sales.count <= Limits.heartbeatSalesMax
            ? sales
            : Array(
                sales.sorted { ($0.closesAt <= now ? 1 : 0, $0.opensAt) < ($1.closesAt <= now ? 1 : 0, $1.opensAt) }.prefix(Limits.heartbeatSalesMax))
        return Dictionary(uniqueKeysWithValues: told.map { ($0.id, $0.revision) })
    }
}
