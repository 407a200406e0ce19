package import SaleCore

/// Finishes what stands in the reservation log and not in Postgres, whichever node granted it: a
/// node that died, a reply that was lost, a settlement that never arrived.
package struct LogRecovery: Sendable {
    private let log: any ReservationLog
    private let journal: any OrderJournal

    package init(log: any ReservationLog, journal: any OrderJournal) {
        self.log = log
        self.journal = journal
    }

    /// Whether the log of `sale` holds anything at all.
    func isNeeded(of sale: SaleID) async throws(StoreError) -> Bool {
        try await log.logCount(of: sale) > 0
    }

    /// Commits and settles every entry that was granted at or before `instant`. Safe beside the
    /// granting node's own writer: an order has one id and one verdict.
    ///
    /// - Returns: how many entries were finished.
    package func finishAll(of sale: SaleID, grantedBefore instant: Timestamp) async throws -> Int {
        var finished = 0
        while true {
            let leftovers = try await log.reservations(
                of: sale, grantedBefore: instant, countMax: Limits.leftoversPerSweepMax)
            guard !leftovers.isEmpty else { return finished }
            try await finish(leftovers, of: sale)
            finished += leftovers.count
        }
    }

    /// Commits and settles `leftovers`, which stand in the log of `sale`.
    package func finish(_ leftovers: [Reservation], of sale: SaleID) async throws {
        let ordered = leftovers.sorted { ($0.grantedAt, $0.order) < ($1.grantedAt, $1.order) }
        let verdicts = try await journal.commit(ordered)
        var settlement = Settlement(sale: sale)
        for (reservation, verdict) in zip(ordered, verdicts) { settlement.add(reservation, verdict) }
        try await log.settle(settlement)
    }
}
