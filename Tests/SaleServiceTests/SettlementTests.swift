import SaleCore
import SaleService
import Testing

@Suite struct SettlementTests {
    private static let sale = SaleID("s")!

    private func settlement(_ verdict: CommitVerdict) -> Settlement {
        var settlement = Settlement(sale: Self.sale)
        settlement.add(Self.reservation, verdict)
        return settlement
    }

    private static let reservation = Reservation(
        ReservationRequest(
            order: OrderID(high: 1, low: 2), purchase: Purchase(user: UserID("ann")!, sku: SKU("x")!, quantity: 1, key: IdempotencyKey("k"))),
        of: sale, epoch: 1, grantedAt: Timestamp(milliseconds: 0))

    private func order(_ state: OrderState) -> Order {
        Order(
            id: Self.reservation.order, sale: Self.sale, sku: Self.reservation.sku, user: Self.reservation.user, quantity: 1, unitPrice: 1,
            currency: Currency("EUR")!, state: state, createdAt: Timestamp(milliseconds: 0), payBy: Timestamp(milliseconds: 1))
    }

    @Test(arguments: [OrderState.awaitingPayment, .paid])
    func aLiveOrderOnlyLeavesTheLog(state: OrderState) {
        #expect(settlement(.committed(order(state))) == Settlement(sale: Self.sale, committed: [Self.reservation.order]))
    }

    /// Its entry outlived it in the log: carried out again, it would take units that nobody gives
    /// back.
    @Test(arguments: [OrderState.cancelled, .expired])
    func anOrderThatEndedMeanwhileReturnsWhatRedisStillCounts(state: OrderState) {
        let released = Settlement.Released(order: Self.reservation.order, user: Self.reservation.user, sku: Self.reservation.sku)
        #expect(settlement(.committed(order(state))) == Settlement(sale: Self.sale, released: [released]))
    }

    @Test(arguments: [(CommitVerdict.Rejection.noUnits, false), (.conflict, false), (.unknownItem, false), (.abandoned, true)])
    func onlyAnAbandonedOrderFreesItsKey(rejection: CommitVerdict.Rejection, freesKey: Bool) {
        #expect(settlement(.rejected(rejection)).released.first?.freedKey == (freesKey ? Self.reservation.key : nil))
    }
}
