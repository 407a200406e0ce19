import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// What stands in the reservation log and not in Postgres is finished by anybody.
@Suite struct LogRecoveryTests {
    private let bed: TestBed

    init() throws {
        bed = TestBed()
        try bed.openSale()
    }

    private func finishAll(before instant: Timestamp = .distantFuture, _ sweep: LogRecovery? = nil) throws -> Int {
        let sweep = sweep ?? bed.sweep
        return try bed.result { try await sweep.finishAll(of: TestBed.sale, grantedBefore: instant) }
    }

    @Test func `an order whose node died is committed, and leaves the log`() throws {
        let order = bed.grant(1)
        #expect(try finishAll() == 1)
        #expect(bed.state(of: order) == .awaitingPayment && !bed.isInLog(order))
        #expect(bed.available == 9)
    }

    @Test func `what was granted first is judged first`() throws {
        let orders = [3, 1, 2].map { (number: UInt64) in
            bed.pass(milliseconds: 5)
            return bed.grant(number)
        }
        let journal = ScriptedJournal()
        #expect(try finishAll(LogRecovery(log: bed.stock, journal: journal)) == 3)
        #expect(journal.batches.map { $0.map(\.order) } == [orders.map(\.order)])
    }

    @Test func `what is younger than it was asked for stays`() throws {
        let old = bed.grant(1)
        bed.pass(milliseconds: 10)
        let young = bed.grant(2)
        #expect(try finishAll(before: old.grantedAt) == 1)
        #expect(!bed.isInLog(old) && bed.isInLog(young))
    }

    @Test func `an order that Postgres has already is settled as it stands there`() throws {
        let (live, cancelled) = (bed.grant(1), bed.grant(2, quantity: 2))
        bed.commit(live, cancelled)
        _ = bed.postgres.books.cancel(cancelled.order, by: cancelled.user)
        #expect(try finishAll() == 2)
        #expect(!bed.isInLog(live) && !bed.isInLog(cancelled))
        #expect(bed.available == 9, "the units of the order that ended are back, those of the other are not")
    }

    @Test func `an abandoned order gives its units and its key back`() throws {
        let order = bed.grant(1, user: "ann", key: "k")
        _ = bed.postgres.books.abandon([order])
        #expect(try finishAll() == 1)
        #expect(bed.available == 10 && bed.saleInRedis.keys.isEmpty && bed.saleInRedis.buyers.isEmpty)
    }

    @Test func `two sweeps of one log give each order one verdict`() throws {
        let orders = (1...5).map { bed.grant($0) }
        let sweep = bed.sweep
        try bed.result {
            async let one = sweep.finishAll(of: TestBed.sale, grantedBefore: .distantFuture)
            async let other = sweep.finishAll(of: TestBed.sale, grantedBefore: .distantFuture)
            _ = try await (one, other)
        }
        #expect(orders.allSatisfy { bed.state(of: $0) == .awaitingPayment })
        #expect(bed.available == 5 && bed.saleInPostgres.items[0].committed == 5)
    }

    @Test func `without an answer of Postgres nothing leaves the log`() throws {
        let order = bed.grant(1)
        bed.postgres.stop()
        #expect(throws: JournalError.self) { _ = try finishAll() }
        #expect(bed.isInLog(order))
    }

    // MARK: The service

    private func sweeper(_ catalog: CatalogStore, _ logs: FilledLogs) -> LogRecoveryService {
        LogRecoveryService(catalog: catalog, logs: logs, sweep: bed.sweep, bed.context)
    }

    private func sweep(_ sweeper: LogRecoveryService) throws { try bed.result { await sweeper.sweep() } }

    @Test func `the node that granted an order is left alone with it for a while`() throws {
        let (catalog, logs) = (CatalogStore(), FilledLogs())
        let order = bed.grant(1)
        logs.insert(TestBed.sale)
        bed.publish(to: catalog)
        let sweeper = self.sweeper(catalog, logs)
        try sweep(sweeper)
        #expect(bed.isInLog(order))
        bed.pass(milliseconds: UInt64(Limits.leftoverAgeMilliseconds) + 10)
        try sweep(sweeper)
        #expect(!bed.isInLog(order) && bed.state(of: order) == .awaitingPayment)
    }

    @Test func `the log of a sale that is not proven waits for its rebuild`() throws {
        let (catalog, logs) = (CatalogStore(), FilledLogs())
        let order = bed.grant(1)
        bed.pass(milliseconds: 6_000)
        logs.insert(TestBed.sale)
        bed.publish(to: catalog, unproven: [TestBed.sale])
        let sweeper = self.sweeper(catalog, logs)
        try sweep(sweeper)
        #expect(bed.isInLog(order))
        bed.publish(to: catalog)
        try sweep(sweeper)
        #expect(!bed.isInLog(order))
    }

    @Test func `only logs in which a look found something are visited`() throws {
        let (catalog, logs) = (CatalogStore(), FilledLogs())
        let order = bed.grant(1)
        bed.pass(milliseconds: 6_000)
        bed.publish(to: catalog)
        try sweep(sweeper(catalog, logs))
        #expect(bed.isInLog(order))
    }

    @Test func `a log that could not be swept is tried again`() throws {
        let (catalog, logs) = (CatalogStore(), FilledLogs())
        let order = bed.grant(1)
        bed.pass(milliseconds: 6_000)
        logs.insert(TestBed.sale)
        bed.publish(to: catalog)
        bed.postgres.stop()
        let sweeper = self.sweeper(catalog, logs)
        try sweep(sweeper)
        bed.postgres.start()
        try sweep(sweeper)
        #expect(!bed.isInLog(order))
    }
}
