/// One kind of buyer: when they come, who they are, and what they do after an answer.
package struct Cohort: Sendable, Equatable {
    /// The client address that the generator states in `X-Forwarded-For`, for a service that trusts
    /// it as a proxy.
    package enum Origin: Sendable, Equatable {
        /// Nothing is stated.
        case unstated
        /// One address per user.
        case own
        /// The same address for all.
        case shared
    }

    package var name: String
    package var purchases: PurchasePlan
    /// The cohort's users are this one and those that follow.
    package var firstUser: Int
    package var sendsKeys: Bool
    package var origin: Origin
    package var afterwards: Afterwards

    package init(
        name: String, purchases: PurchasePlan, firstUser: Int = 0, sendsKeys: Bool = false, origin: Origin = .unstated,
        afterwards: Afterwards = .nothing
    ) {
        self.name = name
        self.purchases = purchases
        self.firstUser = firstUser
        self.sendsKeys = sendsKeys
        self.origin = origin
        self.afterwards = afterwards
    }

    package var users: Range<Int> { firstUser..<firstUser + purchases.users }
}

/// What a buyer does with an order.
package enum Afterwards: Sendable, Equatable {
    case nothing
    /// Decides once per order by the shares, and acts so many nanoseconds after the answer.
    case settle(SettleShares, delay: UInt64)
    /// Gives the order back and buys again, each so many nanoseconds after the answer before, until
    /// it has bought `rounds` times anew.
    case cancelAndRebuy(rounds: Int, delay: UInt64)
}

/// Which shares of the orders, from 0 to 1, end in which way; what is left over is not paid in
/// time.
package struct SettleShares: Sendable, Equatable {
    package var paid: Double
    package var failed: Double
    package var cancelled: Double

    package init(paid: Double, failed: Double, cancelled: Double) {
        self.paid = paid
        self.failed = failed
        self.cancelled = cancelled
    }

    package var expired: Double { max(0, 1 - paid - failed - cancelled) }
}
