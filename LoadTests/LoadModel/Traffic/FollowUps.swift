package import SaleCore

/// Decides what a buyer does after an answer. Depends on the answer and the seed alone, not on when
/// the answer came.
package struct FollowUps: Sendable {
    private let cohorts: [Cohort]

    package init(_ cohorts: [Cohort]) {
        self.cohorts = cohorts
    }

    /// The request that follows `request`, if any.
    ///
    /// - Parameter now: nanoseconds since the start; the next request's intended instant counts
    ///   from here.
    package func request(after request: LoadRequest, outcome: Outcome, order: OrderID?, now: UInt64) -> LoadRequest? {
        let cohort = cohorts[request.cohort]
        var next = request
        switch (cohort.afterwards, request.action) {
        case (.nothing, _), (.settle, .cancel), (.settle, .pay), (.cancelAndRebuy, .pay): return nil
        case (.settle(let shares, let delay), .buy):
            guard outcome == .committed, let order else { return nil }
            let seed = cohort.purchases.arrivals.seed
            guard let action = Self.settlement(of: order, shares, user: request.user, seed: seed) else { return nil }
            next.action = action
            next.instant = now + delay
        case (.cancelAndRebuy(let rounds, let delay), .buy(let intention)):
            guard outcome == .committed, let order, intention < rounds else { return nil }
            next.action = .cancel(order, intention: intention)
            next.instant = now + delay
        case (.cancelAndRebuy(_, let delay), .cancel(_, let intention)):
            guard outcome == .settled else { return nil }
            next.action = .buy(intention: intention + 1)
            next.instant = now + delay
        }
        return next
    }

    private static func settlement(of order: OrderID, _ shares: SettleShares, user: Int, seed: UInt64) -> LoadRequest.Action? {
        var random = SplitMix64(seed: seed &+ UInt64(user) &* 0x2545_F491_4F6C_DD1D)
        let draw = Double.random(in: 0..<1, using: &random)
        if draw < shares.paid { return .pay(order, succeeds: true) }
        if draw < shares.paid + shares.failed { return .pay(order, succeeds: false) }
        return draw < shares.paid + shares.failed + shares.cancelled ? .cancel(order, intention: 0) : nil
    }
}
