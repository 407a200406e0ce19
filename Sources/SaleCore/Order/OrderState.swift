/// Where an order is in its life. States only move forward; `successors` lists every way out.
package enum OrderState: String, Sendable, CaseIterable {
    /// Granted by Redis, not yet judged by Postgres.
    case reserved
    /// Committed: the unit is held until `pay_by`.
    case awaitingPayment = "awaiting_payment"
    case paid
    /// Given up by the buyer, or its payment failed.
    case cancelled
    /// Not paid in time.
    case expired
    /// Postgres found no unit for it.
    case rejected

    package var successors: Set<OrderState> {
        switch self {
        case .reserved: [.awaitingPayment, .rejected]
        case .awaitingPayment: [.paid, .cancelled, .expired]
        case .paid, .cancelled, .expired, .rejected: []
        }
    }

    /// A live order holds its units.
    package var isLive: Bool {
        switch self {
        case .reserved, .awaitingPayment, .paid: true
        case .cancelled, .expired, .rejected: false
        }
    }
}
