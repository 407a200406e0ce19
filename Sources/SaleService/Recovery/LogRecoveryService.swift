import Logging
import SaleCore

/// Sweeps the reservation logs that are not empty, of proven sales.
struct LogRecoveryService: Sendable {
    private let catalog: CatalogStore
    private let logs: FilledLogs
    private let leftovers: LogRecovery
    private let context: ServiceContext

    init(catalog: CatalogStore, logs: FilledLogs, sweep: LogRecovery, _ context: ServiceContext) {
        self.catalog = catalog
        self.logs = logs
        leftovers = sweep
        self.context = context
    }

    func sweep() async {
        guard let snapshot = catalog.snapshot else { return }
        let old = snapshot.clock.time(at: context.runtime.now()).advanced(milliseconds: -Limits.leftoverAgeMilliseconds)
        for id in logs.takeAll() {
            guard let sale = snapshot.sales[id] else { continue }
            guard sale.isProven, !Task.isCancelled else {
                // A rebuild finishes the log of a sale that is not proven. Whether it did is seen
                // once it is.
                logs.insert(id)
                continue
            }
            do {
                guard try await leftovers.isNeeded(of: id) else { continue }
                logs.insert(id)
                let count = try await leftovers.finishAll(of: id, grantedBefore: old)
                guard count > 0 else { continue }
                context.metrics.recovered(count)
                context.logger.notice("finished what was left in the reservation log", metadata: [LogKey.sale: "\(id)", LogKey.count: "\(count)"])
            } catch {
                logs.insert(id)
                context.logger.warning("sweep failed, will try again", metadata: [LogKey.sale: "\(id)", LogKey.error: "\(error)"])
            }
        }
    }
}
