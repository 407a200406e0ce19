package import SaleCore

/// Money that an operator has sent back to a buyer.
package struct Refund: Sendable, Equatable {
    package var order: OrderID
    /// In the currency's minor unit.
    package var amount: Int64
    /// The order's when `nil`.
    package var currency: Currency?
    /// What the payment provider calls the transfer.
    package var reference: String

    package init(order: OrderID, amount: Int64, currency: Currency? = nil, reference: String) {
        self.order = order
        self.amount = amount
        self.currency = currency
        self.reference = reference
    }
}

/// What became of the record of a refund.
package enum RefundOutcome: Sendable, Equatable {
    /// Kept, by this call; the order owes its buyer nothing any more.
    case refunded(Order)
    case unknownOrder
    /// Nothing was kept: no money of the order is owed to its buyer.
    case notDue(Order)
    /// Nothing was kept: another amount is owed.
    case wrongAmount(due: Int64, currency: Currency)
    /// Nothing was kept: an earlier refund of the order has the reference.
    case referenceUsed(Order)
}

/// What became of an operator's wish to cancel.
package enum OperatorCancelOutcome: Sendable, Equatable {
    /// By this call.
    case cancelled(Order)
    /// It was paid, cancelled or rejected before, or has expired.
    case notCancellable(Order)
    case unknownOrder
}

/// What operators do to committed orders. Each stands in the audit trail, written in the same
/// transaction; what was refused does not.
package protocol OperatorOrders: Sendable {
    /// The transition of the buyer's cancel, whoever the buyer is.
    ///
    /// - Parameter dryRun: only say what would come of it; nothing is written and nothing locked.
    func cancel(_ order: OrderID, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> OperatorCancelOutcome

    /// Keeps that money went back: all that the order owes its buyer, which is what was received
    /// beyond what a paid order costs.
    ///
    /// - Parameter dryRun: only say what would come of it; nothing is written and nothing locked.
    func record(_ refund: Refund, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> RefundOutcome
}
