/// Everything that a run sends of its own accord: the purchases of all cohorts, in the order of
/// their instants.
package struct TrafficPlan: Sendable, Equatable {
    /// A stretch of the run that is counted apart.
    package struct Step: Sendable, Equatable {
        package var name: String
        /// Nanoseconds since the start.
        package var endsAt: UInt64

        package init(name: String, endsAt: UInt64) {
            self.name = name
            self.endsAt = endsAt
        }
    }

    package var cohorts: [Cohort]
    /// When there are any, purchases are counted by the step that their instant falls in, instead
    /// of by cohort.
    package var steps: [Step]

    package init(cohorts: [Cohort], steps: [Step] = []) {
        self.cohorts = cohorts
        self.steps = steps
    }

    package var users: Int { cohorts.map(\.users.upperBound).max() ?? 0 }
    package var expected: Double { cohorts.reduce(0) { $0 + $1.purchases.expected } }
    package var seconds: Double { cohorts.map(\.purchases.arrivals.seconds).max() ?? 0 }
    package var requests: Requests { Requests(self) }

    /// What is counted apart: the purchases by step or cohort, then what follows them.
    package var groups: [String] {
        purchaseGroups + (hasFollowUps ? ["payment", "cancellation"] : [])
    }

    private var purchaseGroups: [String] { steps.isEmpty ? cohorts.map(\.name) : steps.map(\.name) }

    private var hasFollowUps: Bool { cohorts.contains { $0.afterwards != .nothing } }

    /// Groups from this one on are not of purchases.
    package var purchaseGroupsCount: Int { steps.isEmpty ? cohorts.count : steps.count }

    package func group(of request: LoadRequest) -> Int {
        switch request.action {
        case .buy: steps.isEmpty ? request.cohort : step(at: request.instant)
        case .pay: purchaseGroupsCount
        case .cancel: purchaseGroupsCount + 1
        }
    }

    private func step(at instant: UInt64) -> Int {
        min(steps.firstIndex { instant < $0.endsAt } ?? steps.count - 1, steps.count - 1)
    }

    package struct Requests: Sequence, IteratorProtocol, Sendable {
        private let firstUsers: [Int]
        private var purchases: [PurchasePlan.Purchases]
        private var upcoming: [PlannedPurchase?]

        init(_ plan: TrafficPlan) {
            firstUsers = plan.cohorts.map(\.firstUser)
            purchases = plan.cohorts.map(\.purchases.purchases)
            upcoming = []
            for cohort in purchases.indices { upcoming.append(purchases[cohort].next()) }
        }

        package mutating func next() -> LoadRequest? {
            var first: (cohort: Int, purchase: PlannedPurchase)?
            for (cohort, purchase) in upcoming.enumerated() {
                guard let purchase, purchase.instant < first?.purchase.instant ?? .max else { continue }
                first = (cohort, purchase)
            }
            guard let (cohort, purchase) = first else { return nil }
            upcoming[cohort] = purchases[cohort].next()
            return LoadRequest(instant: purchase.instant, cohort: cohort, user: firstUsers[cohort] + purchase.user)
        }
    }
}
