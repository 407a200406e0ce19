package import SaleCore

/// One request that is to be sent at one instant.
package struct LoadRequest: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// A purchase. The intention says which of its user's wishes to buy it serves: repetitions
        /// of one wish carry the same idempotency key.
        case buy(intention: Int)
        /// The intention is that of the purchase that is taken back.
        case cancel(OrderID, intention: Int)
        /// The payment provider's word on an order.
        case pay(OrderID, succeeds: Bool)
    }

    /// Nanoseconds since the start of the run.
    package var instant: UInt64
    /// Which kind of buyer, by its place in the plan.
    package var cohort: Int
    /// Which user, from 0, over all cohorts.
    package var user: Int
    package var action: Action

    package init(instant: UInt64, cohort: Int = 0, user: Int, action: Action = .buy(intention: 0)) {
        self.instant = instant
        self.cohort = cohort
        self.user = user
        self.action = action
    }

    package var intention: Int? {
        if case .buy(let intention) = action { intention } else { nil }
    }
}
