package import Logging
import SaleCore
import ServiceLifecycle

/// Ends orders that were not paid in time. Driven by this sweep and Postgres's clock, never by the expiry of a key. Every node sweeps: they step over each other's
/// rows.
package struct ExpirySweeper: Service {
    private static let interval = Duration.seconds(1)

    private let life: any OrderLife
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let runtime: Runtime

    package init(life: any OrderLife, metrics: ServiceMetrics, logger: Logger, runtime: Runtime) {
        self.life = life
        self.metrics = metrics
        self.logger = logger
        self.runtime = runtime
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await sweep()
                try? await runtime.sleep(Self.interval)
            }
        }
    }

    private func sweep() async {
        var total = 0
        do throws(JournalError) {
            var count = 0
            repeat {
                count = try await life.expire(countMax: Limits.expiriesPerSweepMax)
                total += count
            } while count == Limits.expiriesPerSweepMax && !Task.isCancelled
        } catch {
            logger.debug("expiry sweep failed, will try again", metadata: [LogKey.error: "\(error)"])
        }
        guard total > 0 else { return }
        metrics.expired(total)
        logger.info("orders expired unpaid", metadata: [LogKey.count: "\(total)"])
    }
}
