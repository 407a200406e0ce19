import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// The way back: what buyers hear of Postgres's verdicts, and when.
@Suite struct LaneVerdictTests {
    private let test = LaneUnderTest()

    private func granted(_ buy: () -> Buyer) -> (Buyer, [QueuedOrder]) {
        let buyer = buy()
        test.bed.pass()
        test.decide()
        return (buyer, test.granted())
    }

    @Test func `nobody hears of an order as committed before Postgres has it`() {
        let (buyer, orders) = granted { test.buy() }
        #expect(buyer.outcome == nil && test.admission.count == 1)
        test.commit(orders)
        #expect(buyer.isCommitted && test.admission.count == 0)
    }

    /// Those of others they give back themselves.
    @Test func `a batch that several lanes granted gives back the places of this one's orders`() {
        let (_, orders) = granted { test.buy() }
        let (_, others) = granted { test.buy(user: "bob") }
        let foreign = others.map { QueuedOrder(reservation: $0.reservation, lane: $0.lane + 1, slot: $0.slot) }
        test.commit(orders + foreign)
        #expect(test.admission.count == 1)
    }

    @Test func `the answer has the terms of Postgres, not those that the lane knew`() {
        let (buyer, orders) = granted { test.buy() }
        test.commit(orders, under: OrderTerms(unitPrice: 9, currency: Currency("USD")!, payWithinMilliseconds: 1))
        guard case .committed(let order, isReplay: false) = buyer.outcome else { return #expect(Bool(false), "\(buyer.outcomes)") }
        #expect(
            order
                == Order(
                    orders[0].reservation, under: OrderTerms(unitPrice: 9, currency: Currency("USD")!, payWithinMilliseconds: 1),
                    state: .awaitingPayment))
    }

    @Test func `a buyer who does not wait hears at once that it is reserved`() {
        let (buyer, orders) = granted { test.buy(wait: 0) }
        #expect(buyer.isReserved && orders[0].slot == nil)
        test.commit(orders)
        #expect(buyer.outcomes.count == 1 && test.admission.count == 0)
    }

    @Test func `a wait that is over ends as reserved, and the verdict that comes later is told to nobody`() {
        let (buyer, orders) = granted { test.buy(wait: 30) }
        test.bed.pass(milliseconds: 29)
        #expect(buyer.outcome == nil)
        test.bed.pass(milliseconds: 1)
        #expect(buyer.isReserved)
        let (next, others) = granted { test.buy(user: "bob") }
        test.commit(orders)
        #expect(buyer.outcomes.count == 1 && next.outcome == nil)
        test.commit(others)
        #expect(next.isCommitted)
    }

    @Test func `who waits less long than somebody before is answered in time`() {
        let (patient, _) = granted { test.buy(wait: 1_000) }
        let (impatient, _) = granted { test.buy(user: "bob", wait: 30) }
        test.bed.pass(milliseconds: 30)
        #expect(impatient.isReserved && patient.outcome == nil)
        test.bed.pass(milliseconds: 970)
        #expect(patient.isReserved)
    }

    @Test func `judged orders leave the log of Redis, committed and rejected in their own ways`() {
        for user in ["ann", "bob", "cid"] { test.buy(user: user) }
        test.bed.pass()
        test.decide()
        let orders = test.granted()
        let committed = Order(orders[0].reservation, under: LaneUnderTest.terms, state: .awaitingPayment)
        test.lane.deliver(JudgedBatch(orders, [.committed(committed), .rejected(.noUnits), .rejected(.conflict)]))
        #expect(test.redis.settlements.count == 1)
        #expect(test.redis.settlements[0].committed == [orders[0].reservation.order])
        #expect(test.redis.settlements[0].released.map(\.order) == orders[1...].map(\.reservation.order))
    }

    @Test(arguments: [
        (CommitVerdict.Rejection.noUnits, PurchaseRefusal.soldOut), (.unknownItem, .soldOut), (.conflict, .limitReached(nil)),
        (.abandoned, .recovering),
    ])
    func `a rejected order is refused`(rejection: CommitVerdict.Rejection, refusal: PurchaseRefusal) {
        let (buyer, orders) = granted { test.buy() }
        test.lane.deliver(JudgedBatch(orders, [.rejected(rejection)]))
        #expect(buyer.outcomes == [.refused(refusal)])
    }

    @Test func `an order that was paid meanwhile is shown as it was first answered`() {
        let (buyer, orders) = granted { test.buy() }
        var paid = Order(orders[0].reservation, under: LaneUnderTest.terms, state: .awaitingPayment)
        paid.state = .paid
        test.lane.deliver(JudgedBatch(orders, [.committed(paid)]))
        guard case .committed(let order, _) = buyer.outcome else { return #expect(Bool(false), "\(buyer.outcomes)") }
        #expect(order.state == .awaitingPayment)
    }

    @Test func `orders of other lanes are theirs`() {
        let (buyer, orders) = granted { test.buy() }
        var others = orders
        others[0].lane = 1
        test.commit(others)
        #expect(buyer.outcome == nil && test.admission.count == 1)
        test.commit(orders + others)
        #expect(buyer.isCommitted && test.admission.count == 0)
        #expect(test.redis.settlements.last?.committed == [orders[0].reservation.order])
    }

    @Test func `what the writer no longer takes is reserved, for the log has it`() {
        test.queue.close()
        let buyer = test.buy()
        test.bed.pass()
        test.decide()
        #expect(buyer.isReserved && test.admission.count == 0)
    }
}
