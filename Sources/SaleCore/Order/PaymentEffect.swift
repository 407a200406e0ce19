/// What a payment's outcome does to its order.
package enum PaymentEffect: String, Sendable, CaseIterable {
    case paid
    /// The units come back.
    case cancelled
    /// Money came for units that the order does not hold, or a second time: it is kept, and must be
    /// paid back.
    case refundDue = "refund_due"
    case none

    package init(of outcome: PaymentEvent.Outcome, on state: OrderState) {
        switch (outcome, state) {
        case (.succeeded, .awaitingPayment): self = .paid
        case (.succeeded, .paid), (.succeeded, .cancelled), (.succeeded, .expired), (.succeeded, .rejected): self = .refundDue
        case (.failed, .awaitingPayment): self = .cancelled
        case (.failed, .paid), (.failed, .cancelled), (.failed, .expired), (.failed, .rejected): self = .none
        // Only a committed order is paid for: whoever asks has carried it to Postgres first.
        case (_, .reserved): self = .none
        }
    }
}
