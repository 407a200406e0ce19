package import Logging
import SaleCore
import ServiceLifecycle

/// Tells Redis of the units that moved in Postgres alone, and clears them from Postgres's list once it knows. Every node does so: Redis counts each move once.
package struct StockMover: Service {
    private let life: any OrderLife
    private let store: any StockStore
    private let catalog: CatalogStore
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let runtime: Runtime

    package init(
        life: any OrderLife, store: any StockStore, catalog: CatalogStore, metrics: ServiceMetrics, logger: Logger, runtime: Runtime
    ) {
        self.life = life
        self.store = store
        self.catalog = catalog
        self.metrics = metrics
        self.logger = logger
        self.runtime = runtime
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await runtime.sleep(Limits.moveInterval)
                do {
                    while try await moveSome() {}
                } catch {
                    logger.debug("stock moves are left for later", metadata: [LogKey.error: "\(error)"])
                }
            }
        }
    }

    /// - Returns: whether there is more to be done at once.
    private func moveSome() async throws -> Bool {
        guard let snapshot = catalog.snapshot, !Task.isCancelled else { return false }
        let now = snapshot.clock.time(at: runtime.now())
        let waiting = snapshot.sales.values.filter { !$0.isProven && !$0.sale.isForgotten(at: now) }.map(\.sale.id)
        let moves = try await life.pendingMoves(besides: waiting, countMax: Limits.movesPerCallMax)
        var forgottenCount = 0
        for (id, moves) in Dictionary(grouping: moves, by: \.sale).sorted(by: { $0.key < $1.key }) {
            guard let sale = snapshot.sales[id] else { continue }
            // Redis need not hold a sale that is long over.
            let known = sale.sale.isForgotten(at: now) ? moves : try await store.move(moves, of: id, epoch: sale.sale.epoch)
            guard !known.isEmpty else { continue }
            forgottenCount += try await life.forget(known, of: id, epoch: sale.sale.epoch)
        }
        guard forgottenCount > 0 else { return false }
        metrics.moved(forgottenCount)
        return moves.count == Limits.movesPerCallMax
    }
}
