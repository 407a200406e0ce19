import Logging
import SaleCore

/// Tells Redis of the units that moved in Postgres alone, and clears them from Postgres's list once
/// it knows. Every node does so: they step over each other's moves, and Redis counts each once.
struct StockMover: Sendable {
    private let life: any OrderLife
    private let redis: any MoveReceiver
    private let catalog: CatalogStore
    private let context: ServiceContext

    init(life: any OrderLife, redis: any MoveReceiver, catalog: CatalogStore, _ context: ServiceContext) {
        self.life = life
        self.redis = redis
        self.catalog = catalog
        self.context = context
    }

    func move() async {
        do {
            while try await moveSome() {}
        } catch {
            context.logger.debug("stock moves are left for later", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// - Returns: whether there is more to be done at once.
    private func moveSome() async throws -> Bool {
        guard let snapshot = catalog.snapshot, !Task.isCancelled else { return false }
        // Mostly there is none, and asking takes no transaction.
        guard try await !life.pendingMoves(besides: snapshot.unproven, countMax: 1).isEmpty else { return false }
        let now = snapshot.clock.time(at: context.runtime.now())
        let turn = try await life.tell(movesBesides: snapshot.unproven, countMax: Limits.movesPerCallMax) { moves in
            try await tell(moves, snapshot, at: now)
        }
        guard turn.forgotten > 0 else { return false }
        context.metrics.moved(turn.forgotten)
        return turn.handed == Limits.movesPerCallMax
    }

    private func tell(_ moves: [StockMove], _ snapshot: CatalogSnapshot, at now: Timestamp) async throws -> [KnownMoves] {
        var known: [KnownMoves] = []
        for (id, moves) in Dictionary(grouping: moves, by: \.sale).sorted(by: { $0.key < $1.key }) {
            guard let sale = snapshot.sales[id]?.sale else { continue }
            // Redis need not hold a sale that is long over.
            let told = sale.isForgotten(at: now) ? moves : try await redis.move(moves, of: id, epoch: sale.epoch)
            if !told.isEmpty { known.append(KnownMoves(told, of: id, epoch: sale.epoch)) }
        }
        return known
    }
}
