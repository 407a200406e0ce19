import Logging
import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// What operators do while a sale runs.
@Suite struct SaleOperationsTests {
    private let bed: TestBed
    private let operations: SaleOperations

    init() throws {
        bed = TestBed()
        try bed.openSale()
        operations = SaleOperations(
            ledger: bed.ledger, store: bed.stock, journal: bed.ledger, logger: bed.context.logger, runtime: bed.context.runtime)
    }

    private func addStock(_ units: Int64) throws -> [SaleChange] {
        try bed.result { [operations] in
            try await operations.addStock(units, of: TestBed.phone, in: TestBed.sale, dryRun: false, by: .world)
        }
    }

    private func drift() throws -> Drift {
        let drifts = try bed.result { [operations] in try await operations.drift(of: TestBed.sale) }
        return try #require(drifts.first)
    }

    private func audit() throws -> SaleAudit { try bed.result { [operations] in try await operations.audit(TestBed.sale) } }

    // MARK: Stock

    @Test func `units that are added are on sale in both stores`() throws {
        bed.grant(1)
        #expect(try addStock(5) == [.moveStock(TestBed.phone, from: 10, to: 15)])
        #expect(bed.saleInPostgres.items[0].loaded == 15 && bed.available == 14)
    }

    @Test func `units that nobody was granted can be taken off sale`() throws {
        bed.grant(1)
        _ = try addStock(-9)
        #expect(bed.saleInPostgres.items[0].loaded == 1 && bed.available == 0)
    }

    @Test func `units that somebody was granted cannot, and nothing changes`() throws {
        bed.grant(1)
        #expect(throws: OperatorCommandError.self) { try addStock(-10) }
        #expect(bed.saleInPostgres.items[0].loaded == 10 && bed.available == 9)
    }

    @Test func `where Postgres does not hear of it, what Redis gave up is on sale again`() throws {
        bed.scheduler.after(1) { [bed] in bed.redis.frozenUntil = bed.scheduler.now + 300_000_000 }
        bed.scheduler.after(200_000_000) { [bed] in bed.postgres.stop() }
        #expect(throws: OperatorCommandError.self) { try addStock(-5) }
        bed.postgres.start()
        try bed.repair()
        #expect(bed.saleInPostgres.items[0].loaded == 10 && bed.available == 10)
    }

    @Test func `a paused sale is paused in Redis, too`() throws {
        _ = try bed.result { [operations] in try await operations.setStatus(.paused, of: TestBed.sale, dryRun: false, by: .world) }
        #expect(bed.saleInPostgres.status == .paused && bed.saleInRedis.head?.status == .of(.paused))
    }

    @Test func `a dry run changes nothing`() throws {
        let changes = try bed.result { [operations] in
            try await operations.addStock(5, of: TestBed.phone, in: TestBed.sale, dryRun: true, by: .world)
        }
        #expect(changes == [.moveStock(TestBed.phone, from: 10, to: 15)])
        #expect(bed.saleInPostgres.items[0].loaded == 10 && bed.available == 10)
    }

    // MARK: Settings

    private func set(_ settings: SaleSettings, if precondition: SalePrecondition = .any) throws -> [SaleChange] {
        try bed.result { [operations] in try await operations.set(settings, of: TestBed.sale, if: precondition, dryRun: false, by: .world) }
    }

    @Test func `an end moves from the end so far, and an opening from now`() throws {
        let closesAt = bed.saleInPostgres.closesAt
        let later = closesAt.advanced(milliseconds: 1_800_000)
        #expect(try set(SaleSettings(closesAt: .by(1_800_000))) == [.setClosesAt(from: closesAt, to: later)])
        #expect(bed.saleInPostgres.closesAt == later && bed.saleInRedis.head?.closesAt == later)
        guard case .setOpensAt(_, let opensAt)? = try set(SaleSettings(opensAt: .by(60_000))).first else {
            Issue.record("not changed")
            return
        }
        #expect(abs(opensAt.milliseconds - bed.now.milliseconds - 60_000) < 5_000)
    }

    @Test func `what is wrong by itself changes nothing`() throws {
        let sale = bed.saleInPostgres
        for settings in [
            SaleSettings(title: ""), SaleSettings(closesAt: .at(sale.opensAt)), SaleSettings(closesAt: .by(-86_400_000)),
            SaleSettings(closesAt: .by(.max)), SaleSettings(opensAt: .by(.min)),
            SaleSettings(payWithinMilliseconds: 999),
        ] {
            #expect {
                try set(settings)
            } throws: { error in
                if case OperatorCommandError.invalid = error { true } else { false }
            }
        }
        #expect(bed.saleInPostgres == sale)
    }

    @Test func `whoever has read an older version hears of the newer one`() throws {
        let version = bed.saleInPostgres.version
        _ = try set(SaleSettings(title: "New"), if: .version(version))
        #expect(throws: OperatorCommandError.stale(TestBed.sale, version: version + 1)) {
            try set(SaleSettings(title: "Newer"), if: .version(version))
        }
        #expect(throws: OperatorCommandError.stale(TestBed.sale, version: version + 1)) { try set(SaleSettings(title: "Newer"), if: .absent) }
        #expect(bed.saleInPostgres.title == "New")
        _ = try addStock(1)
        #expect(bed.saleInPostgres.version == version + 2)
    }

    @Test func `a price is refused in another currency`() {
        #expect(throws: OperatorCommandError.conflict("phone is sold in EUR, not in CNY")) {
            try bed.result { [operations] in
                try await operations.set(
                    ItemSettings(unitPrice: 5, currency: Currency("CNY")!), of: TestBed.phone, in: TestBed.sale, dryRun: false, by: .world)
            }
        }
    }

    // MARK: Drift

    @Test func `stores that agree show no drift, with orders in every state`() throws {
        let (settled, cancelled) = (bed.grant(1), bed.grant(2))
        bed.grant(3)
        bed.commit(settled, cancelled)
        bed.redis.sales[TestBed.sale]?.settle(committed: [settled.order, cancelled.order])
        // Its move is on its way.
        _ = bed.postgres.books.cancel(cancelled.order, by: cancelled.user)
        let drift = try drift()
        #expect(drift.isNone && drift.isCertain && drift.available == 7)
    }

    @Test func `units that Redis minted or lost are counted`() throws {
        bed.redis.sales[TestBed.sale]?.stock[TestBed.phone]?.available = 12
        #expect(try drift().units == 2)
        bed.redis.sales[TestBed.sale]?.stock[TestBed.phone]?.available = 9
        #expect(try drift().units == -1)
    }

    @Test func `an order that Redis counts and Postgres has lost is named`() throws {
        let order = bed.grant(1)
        bed.redis.sales[TestBed.sale]?.settle(committed: [order.order])
        let drift = try drift()
        #expect(drift.surplusOrders.map(\.held.order) == [order.order] && drift.surplusOrders.first?.isRecorded == false)
    }

    @Test func `an order that Redis has forgotten is named`() throws {
        let order = bed.grant(1)
        bed.commit(order)
        bed.redis.sales[TestBed.sale]?.settle(committed: [order.order])
        bed.redis.sales[TestBed.sale]?.buyers = [:]
        #expect(try drift().missingOrders == [order.order])
    }

    @Test func `a repair that drops what Postgres has lost puts its units on sale`() throws {
        let order = bed.grant(1)
        bed.redis.sales[TestBed.sale]?.settle(committed: [order.order])
        try bed.result { [operations] in try await operations.repair(TestBed.sale, lost: .kept, by: .world) }
        #expect(bed.available == 9)
        try bed.result { [operations] in try await operations.repair(TestBed.sale, lost: .dropped, by: .world) }
        #expect(bed.available == 10)
    }

    // MARK: Audit

    @Test func `an audit finds nothing in a sale that runs`() throws {
        let order = bed.grant(1)
        bed.grant(2)
        bed.commit(order)
        let audit = try audit()
        #expect(audit.breaches.isEmpty && audit.isSettled)
        #expect(audit.balances.first?.inFlight == 1)
    }

    @Test func `an audit names a unit that leaked`() throws {
        bed.redis.sales[TestBed.sale]?.stock[TestBed.phone]?.available = 9
        let audit = try audit()
        #expect(audit.isSettled && audit.breaches.count == 1)
    }
}
