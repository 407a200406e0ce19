import LoadModel
import SaleCore
import Testing

@Suite struct FollowUpsTests {
    static let order = OrderID(high: 1, low: 2)

    static func followUps(_ afterwards: Afterwards) -> FollowUps {
        FollowUps([Cohort(name: "buyers", purchases: TrafficPlanTests.purchases(rate: 1), afterwards: afterwards)])
    }

    @Test func ordersEndInTheSharesThatWereAskedFor() {
        let followUps = Self.followUps(.settle(SettleShares(paid: 0.5, failed: 0.1, cancelled: 0.2), delay: 7))
        var counts = [0, 0, 0, 0]
        for user in 0..<10_000 {
            let next = followUps.request(after: LoadRequest(instant: 0, user: user), outcome: .committed, order: Self.order, now: 3)
            switch next?.action {
            case .pay(_, succeeds: true): counts[0] += 1
            case .pay(_, succeeds: false): counts[1] += 1
            case .cancel: counts[2] += 1
            case .buy, nil: counts[3] += 1
            }
            if let next { #expect(next.instant == 10 && next.user == user) }
        }
        for (count, share) in zip(counts, [0.5, 0.1, 0.2, 0.2]) { #expect(abs(Double(count) / 10_000 - share) < 0.02) }
    }

    @Test(arguments: [.reserved, .soldOut, .shed, .unknown] as [Outcome])
    func onlyACommittedOrderIsFollowedUp(outcome: Outcome) {
        let followUps = Self.followUps(.settle(SettleShares(paid: 1, failed: 0, cancelled: 0), delay: 0))
        #expect(followUps.request(after: LoadRequest(instant: 0, user: 0), outcome: outcome, order: Self.order, now: 0) == nil)
    }

    @Test func orderIsGivenBackAndBoughtAnewUntilTheRoundsAreOver() throws {
        let followUps = Self.followUps(.cancelAndRebuy(rounds: 1, delay: 5))
        let first = LoadRequest(instant: 0, user: 4)
        let cancel = try #require(followUps.request(after: first, outcome: .committed, order: Self.order, now: 10))
        #expect(cancel == LoadRequest(instant: 15, user: 4, action: .cancel(Self.order, intention: 0)))
        let again = try #require(followUps.request(after: cancel, outcome: .settled, order: nil, now: 20))
        #expect(again == LoadRequest(instant: 25, user: 4, action: .buy(intention: 1)))
        #expect(followUps.request(after: again, outcome: .committed, order: Self.order, now: 30) == nil)
        #expect(followUps.request(after: cancel, outcome: .refused, order: nil, now: 20) == nil)
    }

    @Test func mostBuyersDoNothing() {
        #expect(Self.followUps(.nothing).request(after: LoadRequest(instant: 0, user: 0), outcome: .committed, order: Self.order, now: 0) == nil)
    }
}
