/// What a payment's outcome does to its order.
package enum PaymentEffect: String, Sendable, CaseIterable {
    case paid
    /// The units come back.
    case cancelled
    /// Money came for units that the order does not hold, or a second time: it is kept, and must be
    /// paid back.
    case refundDue = "refund_due"
    case none

    package init(of event: PaymentEvent, on state: OrderState) {
        switch (event.outcome, state) {
        case (.succeeded, .awaitingPayment): self = .paid
        // What cost nothing is not paid back.
        case (.succeeded, _) where event.amount == 0: self = .none
        case (.succeeded, .paid), (.succeeded, .cancelled), (.succeeded, .expired), (.succeeded, .rejected): self = .refundDue
        case (.failed, .awaitingPayment): self = .cancelled
        case (.failed, .paid), (.failed, .cancelled), (.failed, .expired), (.failed, .rejected): self = .none
        // Only a committed order is paid for: whoever asks has carried it to Postgres first.
        case (_, .reserved): self = .none
        }
    }
}
