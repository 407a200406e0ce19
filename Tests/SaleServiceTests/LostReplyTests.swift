import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// A script call without an answer may have granted, or may yet grant: no buyer is refused before
/// that has been undone.
@Suite struct LostReplyTests {
    private let test = LaneUnderTest()

    private func lose(_ test: LaneUnderTest? = nil) {
        (test ?? self.test).redis.answer(.failure(.outcomeUnknown(reason: "test")))
    }

    private func buyAndLose(wait: UInt64 = 1_000, on test: LaneUnderTest? = nil) -> Buyer {
        let test = test ?? self.test
        let buyer = test.buy(wait: wait)
        test.bed.pass()
        lose(test)
        return buyer
    }

    private func state(of order: OrderID?) -> OrderState? { order.flatMap { test.bed.postgres.books.order($0)?.state } }
    private var firstOrder: OrderID? { test.redis.batches.first?.requests.first?.order }

    @Test func `it is sent again with the same orders, ahead of those who came later`() {
        let buyer = buyAndLose()
        test.buy(user: "bob")
        test.bed.pass(milliseconds: 19)
        #expect(test.redis.batches.count == 1)
        test.bed.pass(milliseconds: 2)
        #expect(test.redis.batches.count == 2)
        #expect(test.redis.batches[1].requests.map(\.user.rawValue) == ["ann", "bob"])
        #expect(test.redis.batches[1].requests.first == test.redis.batches[0].requests.first)
        test.decide()
        test.commit(test.granted())
        #expect(buyer.isCommitted)
    }

    @Test func `whoever waits no longer is refused once Postgres has the order as abandoned`() {
        let buyer = buyAndLose(wait: 10)
        test.bed.pass(milliseconds: 21)
        #expect(buyer.outcome == nil, "told before it is true")
        test.bed.pass(milliseconds: 500)
        #expect(buyer.outcomes == [.refused(.recovering)])
        #expect(state(of: firstOrder) == .rejected)
        #expect(test.redis.batches.count == 1 && test.admission.count == 0)
    }

    @Test func `a refusal that follows a lost reply is made true first`() {
        let buyer = buyAndLose()
        test.bed.pass(milliseconds: 21)
        test.decide(.soldOut(left: 0))
        #expect(buyer.outcome == nil)
        test.bed.pass(milliseconds: 500)
        #expect(buyer.outcomes == [.refused(.soldOut)])
        #expect(state(of: firstOrder) == .rejected)
    }

    @Test func `an order that some node has committed meanwhile is its buyer's`() throws {
        let buyer = buyAndLose(wait: 10)
        let request = try #require(test.redis.batches[0].requests.first)
        test.bed.commit(Reservation(request, of: TestBed.sale, epoch: 1, grantedAt: test.bed.now))
        test.bed.pass(milliseconds: 500)
        #expect(buyer.isCommitted)
        #expect(state(of: request.order) == .awaitingPayment)
    }

    @Test func `while Postgres does not answer, the buyer hears that nobody knows, and it is undone later`() throws {
        let buyer = buyAndLose(wait: 10)
        test.bed.postgres.stop()
        test.bed.pass(milliseconds: 5_000)
        #expect(buyer.outcomes == [.refused(.recovering)])
        test.bed.postgres.start()
        try test.bed.result { [unknowns = test.unknowns] in await unknowns.workOff() }
        #expect(state(of: firstOrder) == .rejected)
    }

    @Test func `where no errand finds room, the orders are put off and the buyer hears so`() throws {
        let test = LaneUnderTest(errandsMax: 0)
        let buyer = buyAndLose(wait: 10, on: test)
        test.bed.pass(milliseconds: 21)
        #expect(buyer.outcomes == [.refused(.recovering)])
        try test.bed.result { [unknowns = test.unknowns] in await unknowns.workOff() }
        let order = try #require(test.redis.batches[0].requests.first?.order)
        #expect(test.bed.postgres.books.order(order)?.state == .rejected)
    }

    @Test func `a Redis that turns out to be another one is asked nothing, but later`() {
        let buyer = buyAndLose()
        test.redis.run = "another"
        test.bed.pass(milliseconds: 100)
        #expect(test.redis.batches.count == 1 && buyer.outcome == nil)
        test.redis.run = "run"
        test.bed.pass(milliseconds: 100)
        #expect(test.redis.batches.count == 2)
    }

    /// Whichever call granted, it was no later than the last; but a message of the first may still
    /// arrive.
    @Test func `a second reply that is lost changes nothing of what the first call may have done`() {
        let buyer = buyAndLose(wait: 30)
        let sentAt = test.bed.now
        test.bed.pass(milliseconds: 21)
        test.look { $0.epoch = 2 }
        lose()
        test.bed.pass(milliseconds: 500)
        #expect(buyer.outcomes == [.refused(.recovering)])
        let order = firstOrder.flatMap { test.bed.postgres.books.order($0) }
        #expect(order?.createdAt == sentAt)
    }
}
