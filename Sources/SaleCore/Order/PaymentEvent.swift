/// Names one result of a payment, as its provider calls it: 1–255 visible ASCII characters.
package struct PaymentEventID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when `rawValue` breaks the grammar.
    package init?(_ rawValue: String) {
        guard Grammar.isVisibleASCII(rawValue.utf8, countMax: 255) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

/// What a payment provider says of one order.
package struct PaymentEvent: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case succeeded
        case failed
    }

    package var id: PaymentEventID
    package var order: OrderID
    package var outcome: Outcome
    /// In the currency's minor unit.
    package var amount: Int64
    package var currency: Currency

    package init(id: PaymentEventID, order: OrderID, outcome: Outcome, amount: Int64, currency: Currency) {
        self.id = id
        self.order = order
        self.outcome = outcome
        self.amount = amount
        self.currency = currency
    }

    /// Whether it is about the money that `order` costs. One that is not is about something else,
    /// whatever its outcome: it must not even end the order.
    package func isFor(_ order: Order) -> Bool { amount == order.amountDue && currency == order.currency }
}
