import Logging
import SaleCore

/// Ends orders that were not paid in time. Driven by this sweep and Postgres's clock, never by the
/// expiry of a key. Every node sweeps: they step over each other's rows.
struct ExpirySweeper: Sendable {
    private let life: any OrderLife
    private let context: ServiceContext

    init(life: any OrderLife, _ context: ServiceContext) {
        self.life = life
        self.context = context
    }

    func sweep() async {
        var total = 0
        do throws(JournalError) {
            var count = 0
            repeat {
                count = try await life.expire(countMax: Limits.expiriesPerSweepMax)
                total += count
            } while count == Limits.expiriesPerSweepMax && !Task.isCancelled
        } catch {
            context.logger.debug("expiry sweep failed, will try again", metadata: [LogKey.error: "\(error)"])
        }
        guard total > 0 else { return }
        context.metrics.expired(total)
        context.logger.info("orders expired unpaid", metadata: [LogKey.count: "\(total)"])
    }
}
