import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// Redis is brought back to where Postgres stands, by one node at a time, and without a unit too
/// many.
@Suite struct SaleRepairTests {
    private let bed: TestBed

    init() throws {
        bed = TestBed()
        try bed.openSale()
    }

    private var epoch: Epoch { bed.saleInPostgres.epoch }
    private var isProven: Bool { bed.saleInPostgres.provenRun == bed.redis.run && bed.saleInRedis.reading?.isProven == true }

    @Test func `a sale that Redis has never heard of is rebuilt and proven`() throws {
        #expect(epoch == 1 && isProven && bed.available == 10)
    }

    @Test func `a sound sale is left alone`() throws {
        try bed.repair()
        #expect(epoch == 1)
    }

    @Test func `a change that Redis has not heard of is told, and the sale sells on in its epoch`() throws {
        bed.grant(1)
        let refusal = bed.postgres.books.make([.moveStock(TestBed.phone, from: 10, to: 15)], to: TestBed.sale)
        #expect(refusal == nil)
        try bed.repair()
        #expect(epoch == 1 && bed.available == 14)
    }

    @Test func `a Redis that lost its data gets it back from Postgres, in a new epoch`() throws {
        let orders = [bed.grant(1, key: "k"), bed.grant(2, quantity: 2)]
        bed.commit(orders[0], orders[1])
        bed.redis.sales = [:]
        try bed.repair()
        #expect(epoch == 2 && isProven && bed.available == 7)
        #expect(bed.saleInRedis.buyers.count == 2 && bed.saleInRedis.keys.count == 1)
    }

    @Test func `what was granted and not committed is committed before the units are counted`() throws {
        let order = bed.grant(1)
        bed.redis.restart(with: bed.redis.sales)
        try bed.repair()
        #expect(bed.state(of: order) == .awaitingPayment && !bed.isInLog(order))
        #expect(isProven && bed.available == 9)
    }

    @Test func `a rebuild waits until every node has noticed, but for the first`() throws {
        let start = bed.scheduler.now
        bed.redis.sales = [:]
        try bed.repair()
        #expect(bed.scheduler.now - start >= Limits.noticePause.nanoseconds)
        let other = SaleID("other")!
        let begun = bed.scheduler.now
        try bed.openSale(id: other)
        #expect(bed.scheduler.now - begun < Limits.noticePause.nanoseconds)
    }

    @Test func `an order that Postgres has lost keeps its units, its buyer's limit and its key`() throws {
        let order = bed.grant(1, user: "ann", quantity: 2, key: "k")
        // Its commit was answered, the log was settled, and then a standby took over that had not
        // received it.
        bed.redis.sales[TestBed.sale]?.settle(committed: [order.order])
        bed.redis.restart(with: bed.redis.sales)
        try bed.repair()
        #expect(isProven && bed.available == 8)
        #expect(bed.saleInRedis.held([order.order]).first?.key?.rawValue == "k")
    }

    @Test func `a replica is not rebuilt, nor one that the Sentinels do not name`() throws {
        bed.redis.sales = [:]
        bed.redis.isPrimary = false
        try bed.repair()
        #expect(epoch == 1)
        bed.redis.isPrimary = true
        bed.redis.isElected = false
        try bed.repair()
        #expect(epoch == 1)
        bed.redis.isElected = true
        try bed.repair()
        #expect(epoch == 2 && isProven)
    }

    @Test func `a sale that another node is at is left to it`() throws {
        bed.redis.sales = [:]
        let other = SimulatedPostgres.Session(process: bed.process)
        #expect(bed.postgres.tryLock(TestBed.sale, other))
        try bed.repair()
        #expect(epoch == 1)
        bed.postgres.unlock(TestBed.sale, other)
        try bed.repair()
        #expect(epoch == 2 && isProven)
    }

    @Test func `a rebuild that another one overtook proves nothing`() throws {
        bed.redis.sales = [:]
        bed.scheduler.after(Limits.noticePause.nanoseconds / 2) { [bed] in
            let epoch = bed.postgres.books.beginEpoch(of: TestBed.sale)!
            _ = bed.redis.run(on: TestBed.sale) { $0.beginRebuild(epoch: epoch) }
        }
        try bed.repair()
        #expect(epoch == 3 && !isProven)
        try bed.repair()
        #expect(epoch == 4 && isProven && bed.available == 10)
    }

    @Test func `a rebuild whose Redis restarts meanwhile proves nothing`() throws {
        bed.redis.sales = [:]
        bed.scheduler.after(Limits.noticePause.nanoseconds / 2) { [bed] in bed.redis.restart(with: bed.redis.sales) }
        try bed.repair()
        #expect(!isProven)
        try bed.repair()
        #expect(isProven && bed.available == 10)
    }

    @Test func `sales that are repaired together wait for one moment of notice`() throws {
        let names = (1...5).map { SaleID("sale-\($0)")! }
        for name in names { try bed.openSale(id: name) }
        bed.redis.sales = [:]
        let repair = SaleRepair(ledger: bed.ledger, store: bed.stock, journal: bed.ledger, bed.context)
        var unsound = UnsoundSales()
        unsound.unproven = names
        let start = bed.scheduler.now
        let isRepaired = try bed.result { [unsound] in await repair.repair(unsound) }
        #expect(isRepaired)
        #expect(bed.scheduler.now - start < 2 * Limits.noticePause.nanoseconds)
        #expect(names.allSatisfy { bed.postgres.books.sales[$0]?.provenRun == bed.redis.run && bed.postgres.books.sales[$0]?.epoch == 2 })
    }
}
