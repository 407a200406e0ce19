import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// Whoever repeats a purchase hears what became of the first one, and only what is final.
@Suite struct ReplayLookupTests {
    private let bed: TestBed

    init() throws {
        bed = TestBed()
        try bed.openSale()
    }

    /// - Parameter wait: of the buyer, in milliseconds.
    private func outcome(of order: OrderID, wait: UInt64 = 3_000) throws -> PurchaseOutcome {
        let lookup = ReplayLookup(reader: bed.ledger, log: bed.stock, sweep: bed.sweep, runtime: bed.context.runtime)
        let deadline = bed.scheduler.now + wait * 1_000_000
        return try bed.result { await lookup.outcome(of: order, in: TestBed.sale, deadline: deadline) }
    }

    @Test func `a committed order is shown as it was first answered`() throws {
        let order = bed.grant(1, key: "k")
        bed.commit(order)
        _ = bed.postgres.books.cancel(order.order, by: order.user)
        guard case .committed(let found, isReplay: true) = try outcome(of: order.order) else { return #expect(Bool(false)) }
        #expect(found.id == order.order && found.state == .awaitingPayment)
    }

    @Test func `a rejected order is refused again`() throws {
        let order = bed.grant(1, key: "k")
        _ = bed.postgres.books.abandon([order])
        #expect(try outcome(of: order.order) == .refused(.recovering))
    }

    @Test func `an order under way is waited for`() throws {
        let order = bed.grant(1, key: "k")
        bed.scheduler.after(200_000_000) { [bed] in bed.commit(order) }
        guard case .committed = try outcome(of: order.order) else { return #expect(Bool(false)) }
        #expect(bed.isInLog(order), "its own node brought it there")
    }

    @Test func `one that its node does not bring to Postgres within a second is carried there`() throws {
        let order = bed.grant(1, key: "k")
        let start = bed.scheduler.now
        guard case .committed = try outcome(of: order.order) else { return #expect(Bool(false)) }
        #expect(bed.scheduler.now - start > 900_000_000)
        #expect(bed.state(of: order) == .awaitingPayment && !bed.isInLog(order))
    }

    @Test func `whoever does not wait so long has it carried at the end of the wait`() throws {
        let order = bed.grant(1, key: "k")
        let start = bed.scheduler.now
        guard case .committed = try outcome(of: order.order, wait: 50) else { return #expect(Bool(false)) }
        #expect(bed.scheduler.now - start < 500_000_000)
    }

    @Test func `an order that is nowhere is called in progress`() throws {
        #expect(try outcome(of: OrderID(high: 1, low: 1)) == .refused(.inProgress))
    }

    @Test(arguments: [true, false]) func `a store that does not answer leaves the outcome open`(isPostgres: Bool) throws {
        let order = bed.grant(1, key: "k")
        if isPostgres { bed.postgres.stop() } else { bed.redis.stop() }
        #expect(try outcome(of: order.order) == .refused(.recovering))
    }
}
