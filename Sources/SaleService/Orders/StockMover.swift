package import Logging
import SaleCore
import ServiceLifecycle

/// Tells Redis of the units that moved in Postgres alone, and clears them from Postgres's list once it knows. Every node does so: they step over each other's moves,
/// and Redis counts each once.
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
        // Mostly there is none, and asking takes no transaction.
        guard try await !life.pendingMoves(besides: snapshot.unproven, countMax: 1).isEmpty else { return false }
        let now = snapshot.clock.time(at: runtime.now())
        let turn = try await life.tell(movesBesides: snapshot.unproven, countMax: Limits.movesPerCallMax) { moves in
            try await tell(moves, snapshot, at: now)
        }
        guard turn.forgotten > 0 else { return false }
        metrics.moved(turn.forgotten)
        return turn.handed == Limits.movesPerCallMax
    }

    private func tell(_ moves: [StockMove], _ snapshot: CatalogSnapshot, at now: Timestamp) async throws -> [KnownMoves] {
        var known: [KnownMoves] = []
        for (id, moves) in Dictionary(grouping: moves, by: \.sale).sorted(by: { $0.key < $1.key }) {
            guard let sale = snapshot.sales[id]?.sale else { continue }
            // Redis need not hold a sale that is long over.
            let told = sale.isForgotten(at: now) ? moves : try await store.move(moves, of: id, epoch: sale.epoch)
            if !told.isEmpty { known.append(KnownMoves(told, of: id, epoch: sale.epoch)) }
        }
        return known
    }
}
