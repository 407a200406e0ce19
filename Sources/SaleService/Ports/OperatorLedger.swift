package import SaleCore

/// Why an operator's change was not made. Nothing was changed.
package enum LedgerChangeError: Error, Sendable, Equatable {
    /// It contradicts what the database holds: less stock than is committed, a closed sale, a sale
    /// that moved since it was read.
    case conflict(String)
    case notFound(String)
    case journal(JournalError)
}

extension LedgerChangeError {
    package static func tooManyItems(open: Int64) -> LedgerChangeError {
        .conflict("all open sales together would have \(open) items; at most \(Limits.openItemsMax) are allowed: close sales that are over")
    }
}

/// What an audit reads from Postgres, for one SKU.
package struct AuditFigures: Sendable, Equatable {
    package var loaded: Int64
    package var committed: Int64
    /// Units in live orders, summed over the orders.
    package var inLiveOrders: Int64
    package var limitPerUser: Int
    /// Users whose live orders hold more units than the limit under which they last bought: a lower
    /// one does not undo what was bought before it.
    package var usersOverLimit: Int64

    package init(loaded: Int64, committed: Int64, inLiveOrders: Int64, limitPerUser: Int, usersOverLimit: Int64) {
        self.loaded = loaded
        self.committed = committed
        self.inLiveOrders = inLiveOrders
        self.limitPerUser = limitPerUser
        self.usersOverLimit = usersOverLimit
    }
}

/// Postgres as operators use it.
package protocol OperatorLedger: SaleLedger {
    /// Applies the schema; safe to repeat.
    func migrate() async throws(JournalError)

    /// Makes every change or none, in one transaction, with one audit row for the whole and one
    /// stock-ledger row per stock movement. A change whose `from` no longer holds is a conflict.
    ///
    func make(_ changes: [SaleChange], to sale: SaleID, by attribution: Attribution) async throws(LedgerChangeError)

    /// The items of all sales but `sale` that are neither closed nor over by Postgres's clock.
    func openItems(besides sale: SaleID) async throws(JournalError) -> Int64

    /// Committed orders with an id below `cursor`, newest first.
    func orders(_ filter: OrderFilter, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order]

    func auditFigures(of sale: SaleID) async throws(JournalError) -> [SKU: AuditFigures]

    /// Every move of a sale that Redis may not know of.
    func pendingMoves(of sale: SaleID) async throws(JournalError) -> [StockMove]

    /// Enters `lines` into the audit trail as one command's doing, for what was changed outside
    /// Postgres.
    ///
    /// - Parameter sale: `nil` for what was done to none.
    func enterAudit(_ lines: [String], of sale: SaleID?, by attribution: Attribution) async throws(JournalError)
}
