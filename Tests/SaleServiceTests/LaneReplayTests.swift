import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// Purchases that an idempotency key made before.
@Suite struct LaneReplayTests {
    private let test = LaneUnderTest()

    private func first() -> (Buyer, [QueuedOrder]) {
        let buyer = test.buy(key: "k")
        test.bed.pass()
        test.decide()
        return (buyer, test.granted())
    }

    private func again(_ order: OrderID, wait: UInt64 = 1_000) -> Buyer {
        let buyer = test.buy(key: "k", wait: wait)
        test.bed.pass()
        test.decide(.replayed(order))
        return buyer
    }

    @Test func `a repetition hears the same verdict as the first, and is called a replay`() {
        let (buyer, orders) = first()
        let repeated = again(orders[0].reservation.order)
        #expect(test.admission.count == 1)
        test.commit(orders)
        guard case .committed(let order, isReplay: false) = buyer.outcome else { return #expect(Bool(false), "\(buyer.outcomes)") }
        #expect(repeated.outcomes == [.committed(order, isReplay: true)])
    }

    @Test func `each waits as long as they said`() {
        let (buyer, orders) = first()
        let repeated = again(orders[0].reservation.order, wait: 20)
        test.bed.pass(milliseconds: 20)
        #expect(repeated.isReserved && buyer.outcome == nil)
        test.commit(orders)
        #expect(buyer.isCommitted && repeated.outcomes.count == 1)
    }

    @Test func `after the verdict, Postgres is asked`() {
        let (_, orders) = first()
        test.commit(orders)
        test.bed.commit(orders[0].reservation)
        let repeated = again(orders[0].reservation.order)
        #expect(repeated.outcome == nil)
        test.bed.pass(milliseconds: 500)
        guard case .committed(let order, isReplay: true) = repeated.outcome else { return #expect(Bool(false), "\(repeated.outcomes)") }
        #expect(order.id == orders[0].reservation.order && test.admission.count == 0)
    }

    @Test func `where no errand finds room, the first is called in progress`() {
        let test = LaneUnderTest(errandsMax: 0)
        let buyer = test.buy(key: "k")
        test.bed.pass()
        test.decide(.replayed(OrderID(high: 1, low: 1)))
        #expect(buyer.outcomes == [.refused(.inProgress)] && test.admission.count == 0)
    }
}
