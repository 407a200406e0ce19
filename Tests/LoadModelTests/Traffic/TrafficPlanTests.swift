import LoadModel
import SaleCore
import Testing

@Suite struct TrafficPlanTests {
    static func purchases(rate: Double, seconds: Double = 1, users: Int = 100) -> PurchasePlan {
        PurchasePlan(arrivals: .steady(rate: rate, seconds: seconds, spacing: .constant, seed: 1), users: users)
    }

    static let two = TrafficPlan(cohorts: [
        Cohort(name: "slow", purchases: purchases(rate: 10, users: 10)),
        Cohort(name: "fast", purchases: purchases(rate: 100, seconds: 0.5, users: 20), firstUser: 10),
    ])

    @Test func cohortsArriveTogetherInTheOrderOfTheirInstants() {
        let requests = Array(Self.two.requests)
        #expect(requests.count == 60)
        #expect(zip(requests, requests.dropFirst()).allSatisfy { $0.instant <= $1.instant })
        #expect(requests.filter { $0.cohort == 0 }.allSatisfy { (0..<10).contains($0.user) })
        #expect(Set(requests.filter { $0.cohort == 1 }.map(\.user)) == Set(10..<30))
        #expect(Self.two.users == 30)
        #expect(Self.two.expected == 60)
        #expect(Self.two.seconds == 1)
    }

    @Test func purchasesAreCountedByCohort() {
        #expect(Self.two.groups == ["slow", "fast"])
        #expect(Self.two.group(of: LoadRequest(instant: 0, cohort: 1, user: 10)) == 1)
    }

    @Test func purchasesAreCountedByStepWhenThereAreSteps() {
        var plan = TrafficPlan(cohorts: [Cohort(name: "all", purchases: Self.purchases(rate: 10))])
        plan.steps = [.init(name: "one", endsAt: 100), .init(name: "two", endsAt: 200)]
        let groups = [0, 99, 100, 199, 200, 500].map { plan.group(of: LoadRequest(instant: $0, user: 0)) }
        #expect(groups == [0, 0, 1, 1, 1, 1])
        #expect(plan.groups == ["one", "two"])
    }

    @Test func whatFollowsPurchasesIsCountedApart() {
        let order = OrderID(high: 1, low: 2)
        let plan = TrafficPlan(cohorts: [
            Cohort(name: "buyers", purchases: Self.purchases(rate: 10), afterwards: .cancelAndRebuy(rounds: 1, delay: 1))
        ])
        #expect(plan.groups == ["buyers", "payment", "cancellation"])
        #expect(plan.purchaseGroupsCount == 1)
        #expect(plan.group(of: LoadRequest(instant: 0, user: 0, action: .pay(order, succeeds: true))) == 1)
        #expect(plan.group(of: LoadRequest(instant: 0, user: 0, action: .cancel(order, intention: 0))) == 2)
    }
}
