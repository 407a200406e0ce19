/// One purchase that is to be sent at one instant.
package struct PlannedPurchase: Sendable, Equatable {
    /// Nanoseconds since the start of the run.
    package var instant: UInt64
    /// Which user, from 0.
    package var user: Int
    /// 0, or which duplicate it is of a purchase that was fired several times at once.
    package var copy: Int

    package init(instant: UInt64, user: Int, copy: Int) {
        self.instant = instant
        self.user = user
        self.copy = copy
    }
}

/// Who arrives at each instant of an arrival plan, and how many times each fires.
package struct PurchasePlan: Sendable, Equatable {
    package var arrivals: ArrivalPlan
    /// When there are more arrivals than users, the users come again.
    package var users: Int
    /// The share of arrivals that fire `parallel` purchases at once instead of one.
    package var duplicateShare: Double
    package var parallel: Int

    package init(arrivals: ArrivalPlan, users: Int, duplicateShare: Double = 0, parallel: Int = 1) {
        self.arrivals = arrivals
        self.users = users
        self.duplicateShare = duplicateShare
        self.parallel = parallel
    }

    package var expected: Double { arrivals.expected * (1 + duplicateShare * Double(parallel - 1)) }

    package var purchases: Purchases { Purchases(self) }

    package struct Purchases: Sequence, IteratorProtocol, Sendable {
        private let plan: PurchasePlan
        private let stride: UInt64
        private let offset: UInt64
        private var instants: ArrivalPlan.Instants
        private var random: SplitMix64
        private var ordinal: UInt64 = 0
        private var current: PlannedPurchase?
        private var copiesLeft = 0

        init(_ plan: PurchasePlan) {
            self.plan = plan
            self.instants = plan.arrivals.instants
            self.random = SplitMix64(seed: plan.arrivals.seed &+ 1)
            self.stride = Self.stride(over: UInt64(plan.users))
            self.offset = random.next() % UInt64(plan.users)
        }

        package mutating func next() -> PlannedPurchase? {
            if copiesLeft > 0, var purchase = current {
                copiesLeft -= 1
                purchase.copy += 1
                current = purchase
                return purchase
            }
            guard let instant = instants.next() else { return nil }
            if plan.duplicateShare > 0, Double.random(in: 0..<1, using: &random) < plan.duplicateShare { copiesLeft = plan.parallel - 1 }
            let users = UInt64(plan.users)
            let user = (ordinal % users).multipliedFullWidth(by: stride)
            let spread = users.dividingFullWidth(user).remainder
            ordinal += 1
            let purchase = PlannedPurchase(instant: instant, user: Int((spread + offset) % users), copy: 0)
            current = purchase
            return purchase
        }

        /// A step that visits every user once per round, and neighbours far apart: users who come
        /// in the order of their names would flatter the database, whose indexes grow fastest at
        /// one end.
        private static func stride(over users: UInt64) -> UInt64 {
            var stride = Swift.max(1, UInt64(Double(users) * 0.618_033_988_749_895))
            while greatestCommonDivisor(stride, users) != 1 { stride += 1 }
            return stride
        }

        private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
            b == 0 ? a : greatestCommonDivisor(b, a % b)
        }
    }
}
