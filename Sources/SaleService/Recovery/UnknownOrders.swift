import Logging
import SaleCore
import Synchronization

/// Settles purchases whose script call has no answer and whose buyers cannot wait any longer, so
/// that what the buyer hears becomes true: an order that Postgres does not have yet is recorded
/// there as abandoned. Whoever finds it in the reservation log then gives its units back; if Redis
/// never granted it, nothing is there to be found.
final class UnknownOrders: Sendable {
    private let journal: any OrderJournal
    private let log: any ReservationLog
    private let context: ServiceContext
    /// What Postgres did not take; their buyers have heard that the outcome is not known.
    private let backlog = Mutex<[Reservation]>([])
    private let callsUnderWay = Atomic<Int>(0)

    init(journal: any OrderJournal, log: any ReservationLog, _ context: ServiceContext) {
        self.journal = journal
        self.log = log
        self.context = context
    }

    /// - Parameter reservations: of one sale.
    /// - Returns: one verdict each; `nil` when Postgres does not answer, or when others wait for it
    ///   already. It is asked again until it does.
    func abandon(_ reservations: [Reservation], of sale: SaleID) async -> [CommitVerdict]? {
        defer { callsUnderWay.wrappingSubtract(1, ordering: .relaxed) }
        // They would stand in line behind each other, each for as long as Postgres hangs.
        guard callsUnderWay.wrappingAdd(1, ordering: .relaxed).oldValue < Limits.abandonCallsMax else {
            putOff(reservations)
            return nil
        }
        return await record(reservations, of: sale)
    }

    /// Leaves them to a later moment: their buyers hear that the outcome is not known.
    func putOff(_ reservations: [Reservation]) {
        // What is too much is left to the log: a granted order is committed then, its buyer finds
        // it among the orders, and it expires unless it is paid.
        backlog.withLock { $0 += reservations.prefix(max(0, Limits.unknownOrdersMax - $0.count)) }
    }

    private func record(_ reservations: [Reservation], of sale: SaleID) async -> [CommitVerdict]? {
        do {
            let verdicts = try await journal.abandon(reservations)
            await settle(reservations, verdicts, of: sale)
            return verdicts
        } catch {
            context.logger.warning(
                "unknown orders not abandoned, will try again", metadata: [LogKey.count: "\(reservations.count)", LogKey.error: "\(error)"])
            putOff(reservations)
            return nil
        }
    }

    /// Asks Postgres once more for what it did not take.
    func workOff() async {
        let orders = backlog.withLock { backlog in
            defer { backlog = [] }
            return backlog
        }
        for (sale, reservations) in Dictionary(grouping: orders, by: \.sale).sorted(by: { $0.key < $1.key }) {
            // In transactions that end in time: other writers wait for each.
            for start in stride(from: 0, to: reservations.count, by: Limits.commitOrdersMax) {
                _ = await record(Array(reservations[start..<min(start + Limits.commitOrdersMax, reservations.count)]), of: sale)
            }
        }
    }

    /// What does not reach Redis now is found by the sweep.
    private func settle(_ reservations: [Reservation], _ verdicts: [CommitVerdict], of sale: SaleID) async {
        var settlement = Settlement(sale: sale)
        for (reservation, verdict) in zip(reservations, verdicts) { settlement.add(reservation, verdict) }
        do throws(StoreError) {
            try await log.settle(settlement)
        } catch {
            context.logger.debug("abandoned orders are left to the sweep", metadata: [LogKey.sale: "\(sale)", LogKey.error: "\(error)"])
        }
    }
}
