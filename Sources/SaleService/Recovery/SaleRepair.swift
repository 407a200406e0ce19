package import Logging
package import SaleCore
import Synchronization

/// Brings Redis back to where Postgres stands: tells it of a change, or rebuilds the sale. One repair of a sale at a time, on all nodes together.
package final class SaleRepair: Sendable {
    private let ledger: any SaleLedger
    private let store: any StockStore
    private let rebuild: SaleRebuild
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let underWay = Mutex<Set<SaleID>>([])

    package init(
        ledger: any SaleLedger, store: any StockStore, journal: any OrderJournal, metrics: ServiceMetrics, logger: Logger, runtime: Runtime
    ) {
        self.ledger = ledger
        self.store = store
        self.rebuild = SaleRebuild(ledger: ledger, store: store, journal: journal, logger: logger, runtime: runtime)
        self.metrics = metrics
        self.logger = logger
    }

    /// Repairs `sale` unless this node is already at it.
    ///
    /// - Returns: whether anything was done, so that a new look is worth while.
    package func repair(_ sale: SaleID) async -> Bool {
        guard underWay.withLock({ $0.insert(sale).inserted }) else { return false }
        defer { underWay.withLock { _ = $0.remove(sale) } }
        do {
            try await ledger.withLock(on: sale) { try await repairHoldingLock(sale) }
            return true
        } catch is CancellationError {
            return false
        } catch {
            logger.error("sale not repaired, will try again", metadata: [LogKey.sale: "\(sale)", LogKey.error: "\(error)"])
            return false
        }
    }

    /// Looks again under the lock: another node may have been quicker.
    private func repairHoldingLock(_ id: SaleID) async throws {
        guard let sale = try await ledger.sale(id) else { return }
        let redis = try await store.identity()
        guard redis.isPrimary, redis.isElected else { return }
        switch Soundness(of: try await store.read(id), for: sale, run: redis.run) {
        case .sound, .unknown: return
        case .behind:
            if try await store.sync(sale) == .done { return }
        case .unproven: break
        }
        try await rebuild.rebuildHoldingLock(id)
        metrics.rebuilt()
    }
}
