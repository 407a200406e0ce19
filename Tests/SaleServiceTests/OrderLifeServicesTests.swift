import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// What becomes of orders after their purchase.
@Suite struct OrderLifeServicesTests {
    private let bed: TestBed
    private let catalog = CatalogStore()

    init() throws {
        bed = TestBed()
        try bed.openSale(payWithin: 1_000)
        bed.publish(to: catalog)
    }

    private var actions: OrderActions {
        OrderActions(
            life: bed.ledger, reserved: ReservedOrders(log: bed.stock, catalog: catalog, runtime: bed.context.runtime), sweep: bed.sweep)
    }

    private func cancel(_ order: OrderID, by user: UserID) throws -> CancelOutcome {
        try bed.result { [actions] in try await actions.cancel(order, by: user) }
    }

    private func expire() throws {
        let sweeper = ExpirySweeper(life: bed.ledger, bed.context)
        try bed.result { await sweeper.sweep() }
    }

    @Test func `an order that is not paid in time ends, and one that is stays`() throws {
        let (unpaid, paid) = (bed.grant(1), bed.grant(2))
        bed.commit(unpaid, paid)
        let order = try #require(bed.postgres.books.order(paid.order))
        let event = PaymentEvent(
            id: PaymentEventID("e1")!, order: order.id, outcome: .succeeded, amount: order.amountDue, currency: order.currency)
        _ = try bed.result { [actions] in try await actions.record(event) }
        try expire()
        #expect(bed.state(of: unpaid) == .awaitingPayment)
        bed.pass(milliseconds: 1_001)
        try expire()
        #expect(bed.state(of: unpaid) == .expired && bed.state(of: paid) == .paid)
    }

    @Test func `a sweep ends all that are due, however many a transaction takes`() throws {
        let bed = TestBed()
        try bed.openSale(stock: 2_000, payWithin: 1_000)
        let orders = (1...UInt64(Limits.expiriesPerSweepMax) + 1).map { bed.grant($0) }
        _ = bed.postgres.books.commit(orders)
        bed.pass(milliseconds: 1_001)
        let sweeper = ExpirySweeper(life: bed.ledger, bed.context)
        try bed.result { await sweeper.sweep() }
        #expect(orders.allSatisfy { bed.state(of: $0) == .expired })
    }

    @Test func `an order that is only reserved is carried to Postgres before it is cancelled`() throws {
        let order = bed.grant(1)
        let outcome = try cancel(order.order, by: order.user)
        #expect(outcome == bed.postgres.books.order(order.order).map { .cancelled($0) })
        #expect(bed.state(of: order) == .cancelled && !bed.isInLog(order))
    }

    @Test func `nobody cancels another's order`() throws {
        let order = bed.grant(1, user: "ann")
        #expect(try cancel(order.order, by: UserID("bob")!) == .unknownOrder)
        #expect(bed.state(of: order) == .awaitingPayment)
    }

    @Test func `an order that is nowhere is unknown, and one of a sale in recovery is not called so`() throws {
        let order = OrderID(high: UInt64(bed.now.milliseconds) << 16 | 0x7000, low: 0x8010_0000_0000_0001)
        #expect(try cancel(order, by: UserID("ann")!) == .unknownOrder)
        bed.publish(to: catalog, unproven: [TestBed.sale])
        #expect(throws: StoreError.self) { try cancel(order, by: UserID("ann")!) }
    }

    @Test func `a reserved order is shown under the terms of its sale`() throws {
        let order = bed.grant(1)
        let reserved = ReservedOrders(log: bed.stock, catalog: catalog, runtime: bed.context.runtime)
        let found = try bed.result { try await reserved.order(order.order) }
        #expect(found?.id == order.order && found?.state == .reserved && found?.unitPrice == 5)
    }
}
