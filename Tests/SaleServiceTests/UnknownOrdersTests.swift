import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// Purchases that nobody knows the outcome of are undone before their buyers are refused.
@Suite struct UnknownOrdersTests {
    private let bed: TestBed
    private let unknowns: UnknownOrders

    init() throws {
        bed = TestBed()
        try bed.openSale()
        unknowns = UnknownOrders(journal: bed.ledger, log: bed.stock, bed.context)
    }

    private func abandon(_ orders: Reservation...) throws -> [CommitVerdict]? {
        try bed.result { [unknowns] in await unknowns.abandon(orders, of: TestBed.sale) }
    }

    @Test func `an order that Redis granted is recorded, and its units and key come back`() throws {
        let order = bed.grant(1, key: "k")
        #expect(try abandon(order) == [.rejected(.abandoned)])
        #expect(bed.state(of: order) == .rejected && bed.available == 10)
        #expect(bed.saleInRedis.keys.isEmpty && !bed.isInLog(order))
    }

    @Test func `an order that Redis never granted can be committed by nobody any more`() throws {
        let granted = bed.grant(1)
        var never = granted
        never.request.order = OrderID(high: granted.order.high, low: granted.order.low + 1)
        never.request.purchase.user = UserID("bob")!
        #expect(try abandon(never) == [.rejected(.abandoned)])
        #expect(bed.commit(never)[0] == .rejected(.abandoned))
        #expect(bed.available == 9, "nobody else's units come back for it")
    }

    @Test func `an order that stands in Postgres stays, and is told`() throws {
        let order = bed.grant(1)
        bed.commit(order)
        guard case .committed(let found) = try abandon(order)?.first else { return #expect(Bool(false)) }
        #expect(found.id == order.order && bed.state(of: order) == .awaitingPayment && bed.available == 9)
    }

    @Test func `what Postgres does not take is tried again`() throws {
        let order = bed.grant(1)
        bed.postgres.stop()
        #expect(try abandon(order) == nil)
        bed.postgres.start()
        try bed.result { [unknowns] in await unknowns.workOff() }
        #expect(bed.state(of: order) == .rejected && bed.available == 10)
    }

    @Test func `those who would stand in a long line behind Postgres hear at once that nobody knows`() throws {
        let orders = (1...UInt64(Limits.abandonCallsMax) + 1).map { bed.grant($0) }
        bed.postgres.frozenUntil = bed.scheduler.now + 1_000_000_000
        let unanswered = try bed.result { [unknowns] in
            await withTaskGroup(of: Bool.self) { tasks in
                for order in orders { tasks.addTask { await unknowns.abandon([order], of: TestBed.sale) == nil } }
                return await tasks.reduce(into: 0) { if $1 { $0 += 1 } }
            }
        }
        #expect(unanswered == 1)
        try bed.result { [unknowns] in await unknowns.workOff() }
        #expect(orders.allSatisfy { bed.state(of: $0) == .rejected } && bed.available == 10)
    }

    @Test func `what Redis does not hear of is found by the sweep`() throws {
        let order = bed.grant(1)
        bed.redis.stop()
        #expect(try abandon(order) == [.rejected(.abandoned)])
        bed.redis.start()
        #expect(bed.isInLog(order))
        let sweep = bed.sweep
        _ = try bed.result { try await sweep.finishAll(of: TestBed.sale, grantedBefore: .distantFuture) }
        #expect(bed.available == 10)
    }
}
