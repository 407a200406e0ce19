package import Logging
import SaleCore
import ServiceLifecycle

/// Sweeps the reservation logs that are not empty, of proven sales, once a second.
package struct LeftoverSweeper: Service {
    private static let interval = Duration.seconds(1)

    private let catalog: CatalogStore
    private let logs: FilledLogs
    private let sweep: LeftoverSweep
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let runtime: Runtime

    package init(catalog: CatalogStore, logs: FilledLogs, sweep: LeftoverSweep, metrics: ServiceMetrics, logger: Logger, runtime: Runtime) {
        self.catalog = catalog
        self.logs = logs
        self.sweep = sweep
        self.metrics = metrics
        self.logger = logger
        self.runtime = runtime
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await runtime.sleep(Self.interval)
                await sweepAll()
            }
        }
    }

    private func sweepAll() async {
        guard let snapshot = catalog.snapshot else { return }
        let old = snapshot.clock.time(at: runtime.now()).advanced(milliseconds: -Limits.leftoverAgeMilliseconds)
        for id in logs.takeAll() {
            guard let sale = snapshot.sales[id] else { continue }
            guard sale.isProven, !Task.isCancelled else {
                // A rebuild finishes the log of a sale that is not proven. Whether it did is seen once it is.
                logs.insert(id)
                continue
            }
            do {
                guard try await sweep.isNeeded(of: id) else { continue }
                logs.insert(id)
                let count = try await sweep.finishAll(of: id, grantedBefore: old)
                guard count > 0 else { continue }
                metrics.recovered(count)
                logger.notice("finished what was left in the reservation log", metadata: [LogKey.sale: "\(id)", LogKey.count: "\(count)"])
            } catch {
                logs.insert(id)
                logger.warning("sweep failed, will try again", metadata: [LogKey.sale: "\(id)", LogKey.error: "\(error)"])
            }
        }
    }
}
