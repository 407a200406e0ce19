package import SaleCore

/// Which committed orders are meant; without anything, all.
package struct OrderFilter: Sendable, Equatable {
    package var sale: SaleID?
    package var user: UserID?
    /// In one of these; in any when there is none.
    package var states: Set<OrderState>
    /// Only those whose buyers have money to get back.
    package var isRefundDue: Bool
    /// Granted at or after.
    package var since: Timestamp?
    /// Granted before.
    package var until: Timestamp?

    package init(
        sale: SaleID? = nil, user: UserID? = nil, states: Set<OrderState> = [], isRefundDue: Bool = false, since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.sale = sale
        self.user = user
        self.states = states
        self.isRefundDue = isRefundDue
        self.since = since
        self.until = until
    }

    package func lets(pass order: Order) -> Bool {
        sale.map { $0 == order.sale } ?? true && user.map { $0 == order.user } ?? true && (states.isEmpty || states.contains(order.state))
            && (order.refundDue || !isRefundDue) && since.map { order.createdAt >= $0 } ?? true && until.map { order.createdAt < $0 } ?? true
    }
}
