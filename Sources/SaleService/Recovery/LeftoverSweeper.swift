package import Logging
import SaleCore
import ServiceLifecycle

/// Sweeps the reservation logs of all proven sales once a second.
package struct LeftoverSweeper: Service {
    private static let interval = Duration.seconds(1)

    private let catalog: CatalogStore
    private let sweep: LeftoverSweep
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let runtime: Runtime

    package init(catalog: CatalogStore, sweep: LeftoverSweep, metrics: ServiceMetrics, logger: Logger, runtime: Runtime) {
        self.catalog = catalog
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
        for (id, sale) in snapshot.sales where sale.isProven && !Task.isCancelled {
            do {
                let count = try await sweep.finishAll(of: id, grantedBefore: old)
                guard count > 0 else { continue }
                metrics.recovered(count)
                logger.notice("finished what was left in the reservation log", metadata: [LogKey.sale: "\(id)", LogKey.count: "\(count)"])
            } catch {
                logger.warning("sweep failed, will try again", metadata: [LogKey.sale: "\(id)", LogKey.error: "\(error)"])
            }
        }
    }
}
