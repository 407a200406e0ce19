import LoadModel
import Testing

@Suite struct PurchasePlanTests {
    private static func plan(count: Double, users: Int, share: Double = 0, parallel: Int = 1, seed: UInt64 = 1) -> PurchasePlan {
        PurchasePlan(
            arrivals: .steady(rate: count, seconds: 1, spacing: .constant, seed: seed), users: users, duplicateShare: share, parallel: parallel)
    }

    @Test(arguments: [1, 2, 3, 10, 97, 1_000, 1_024])
    func everyUserComesOncePerRound(users: Int) {
        let visits = Self.plan(count: Double(users * 2), users: users).purchases.map(\.user)
        #expect(visits.prefix(users).sorted() == Array(0..<users))
        #expect(visits.suffix(users).sorted() == Array(0..<users))
    }

    @Test func neighboursInTimeAreNotNeighboursByName() {
        let visits = Self.plan(count: 1_000, users: 1_000).purchases.map(\.user)
        #expect(zip(visits, visits.dropFirst()).allSatisfy { abs($0 - $1) > 100 })
    }

    @Test func duplicatesAreOfOneUserAtOneInstant() {
        let purchases = Array(Self.plan(count: 100, users: 100, share: 1, parallel: 5).purchases)
        #expect(purchases.count == 500)
        for start in stride(from: 0, to: 500, by: 5) {
            let group = purchases[start..<start + 5]
            #expect(Set(group.map(\.user)).count == 1)
            #expect(Set(group.map(\.instant)).count == 1)
            #expect(group.map(\.copy) == [0, 1, 2, 3, 4])
        }
    }

    @Test func onlyTheGivenShareFiresDuplicates() {
        let plan = Self.plan(count: 10_000, users: 10_000, share: 0.1, parallel: 5)
        let duplicated = plan.purchases.count { $0.copy == 1 }
        #expect((850...1_150).contains(duplicated))
        #expect(plan.expected == 14_000)
    }

    @Test func sameSeedGivesTheSamePurchases() {
        let plan = Self.plan(count: 1_000, users: 50, share: 0.3, parallel: 3, seed: 9)
        #expect(Array(plan.purchases) == Array(plan.purchases))
    }
}
