import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// How purchases go to Redis together.
@Suite struct LaneBatchTests {
    private let test = LaneUnderTest()

    @Test func `purchases of one turn of the loop go in one call`() {
        for user in ["ann", "bob", "cid"] { test.buy(user: user) }
        #expect(test.redis.batches.isEmpty)
        test.bed.pass()
        #expect(test.redis.batches.map { $0.requests.map(\.user.rawValue) } == [["ann", "bob", "cid"]])
        #expect(test.redis.batches[0].epoch == LaneUnderTest.epoch)
    }

    @Test func `those that come while a call is under way make the next one`() {
        test.buy(user: "ann")
        test.bed.pass()
        for user in ["bob", "cid"] {
            test.buy(user: user)
            test.bed.pass()
        }
        #expect(test.redis.batches.count == 1)
        test.decide()
        test.bed.pass()
        #expect(test.redis.batches.map(\.requests.count) == [1, 2])
    }

    @Test func `a call holds no more than the bound says`() {
        let test = LaneUnderTest(capacity: 1_000)
        for number in 0...Limits.batchRequestsMax { test.buy(user: "u\(number)") }
        test.bed.pass()
        #expect(test.redis.batches.map(\.requests.count) == [Limits.batchRequestsMax])
        test.decide()
        test.bed.pass()
        #expect(test.redis.batches.map(\.requests.count) == [Limits.batchRequestsMax, 1])
    }

    @Test func `granted orders go to the writer together, with the instant of Redis`() {
        for user in ["ann", "bob"] { test.buy(user: user) }
        test.bed.pass()
        let grantedAt = test.bed.now
        test.decide()
        let granted = test.granted()
        #expect(granted.map(\.reservation.user.rawValue) == ["ann", "bob"])
        #expect(granted.allSatisfy { $0.reservation.grantedAt == grantedAt && $0.lane == 0 && $0.slot != nil })
    }

    @Test(arguments: [
        (ReservationVerdict.keyMismatch, PurchaseRefusal.keyMismatch), (.limitReached(nil), .limitReached(nil)), (.soldOut(left: 0), .soldOut),
        (.paused, .paused), (.closed, .closed), (.unknownSKU, .unknownSKU),
    ])
    func `what the script refuses, its buyer hears, and the place is free`(verdict: ReservationVerdict, refusal: PurchaseRefusal) {
        let buyer = test.buy()
        test.bed.pass()
        test.decide(verdict)
        #expect(buyer.outcomes == [.refused(refusal)])
        #expect(test.admission.count == 0 && test.granted().isEmpty)
    }

    @Test func `an item that the script calls sold out is refused from memory until the next look`() {
        test.buy()
        test.bed.pass()
        test.decide(.soldOut(left: 0))
        #expect(test.buy().outcome == .refused(.soldOut))
        test.look()
        #expect(test.buy().outcome == nil)
    }

    @Test func `too few units for one buyer are not too few for all`() {
        test.buy(quantity: 2)
        test.bed.pass()
        test.decide(.soldOut(left: 1))
        #expect(test.buy().outcome == nil)
    }

    @Test(arguments: [
        Result<ReservationReply, StoreError>.success(.notLoaded), .success(.staleEpoch(current: 2)), .failure(.scriptMissing),
    ])
    func `a lane that Redis contradicts sells nothing until a look that began no earlier`(answer: Result<ReservationReply, StoreError>) {
        let buyer = test.buy()
        test.bed.pass(milliseconds: 5)
        let before = MonotonicInstant(nanoseconds: test.bed.scheduler.now.nanoseconds - 1)
        test.redis.answer(answer)
        #expect(buyer.outcome == .refused(.recovering))
        #expect(test.refreshes.takeSuspects() == [TestBed.sale])
        #expect(test.refreshes.takeScriptMissing() == (answer == .failure(.scriptMissing)))
        test.look(startedAt: before)
        #expect(test.buy().outcome == .refused(.recovering))
        test.look()
        #expect(test.buy().outcome == nil)
    }

    @Test(arguments: [StoreError.notSent(reason: ""), .refused(reason: "")])
    func `a call that did nothing is no suspicion, and its buyers may come again`(error: StoreError) {
        let buyer = test.buy()
        test.bed.pass()
        test.redis.answer(.failure(error))
        #expect(buyer.outcome == .refused(.recovering))
        #expect(test.refreshes.takeSuspects().isEmpty && test.admission.count == 0)
        test.buy()
        test.bed.pass(milliseconds: 50)
        #expect(test.redis.batches.count == 2)
    }
}
