import PostgresLedger
import SaleCore
import SaleService
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct RecoveryTests {
    private let demo = LedgerUnderTest.sale

    @Test func anEpochIsUnprovenUntilItIsProven() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in
            #expect(try await ledger.catalog.beginEpoch(of: demo) == 1)
            #expect(try await ledger.catalog.proveEpoch(1, of: demo, run: "run-a"))
            #expect(try await ledger.catalog.sale(demo)?.provenRun == "run-a")
            #expect(try await ledger.catalog.beginEpoch(of: demo) == 2)
            #expect(try await ledger.catalog.sale(demo)?.provenRun == "")
        }
    }

    @Test func anEpochThatHasPassedCannotBeProven() async throws {
        try await withLedger(stock: 1) { ledger in
            let old = try await ledger.catalog.beginEpoch(of: demo)
            _ = try await ledger.catalog.beginEpoch(of: demo)
            #expect(try await !ledger.catalog.proveEpoch(old, of: demo, run: "run-a"))
            #expect(try await ledger.catalog.sale(demo)?.provenRun == "")
        }
    }

    @Test func aSaleThatIsNotThereHasNoEpoch() async throws {
        try await withLedger(stock: 1) { ledger in
            await #expect(throws: JournalError.failed(reason: "no sale other", sqlState: "02000")) {
                try await ledger.catalog.beginEpoch(of: SaleID("other")!)
            }
        }
    }

    @Test func aLockIsHeldByOneAtATime() async throws {
        try await withLedger(stock: 1) { ledger in
            let room = Room()
            try await withThrowingTaskGroup { group in
                for _ in 1...4 {
                    group.addTask {
                        try await PostgresCatalog(address: ledger.address).withLock(on: demo) {
                            room.enter()
                            _ = try await ledger.number("SELECT 1 FROM pg_sleep(0.05)")
                            room.leave()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(room.most == 1)
        }
    }

    @Test func locksOfTwoSalesDoNotMeet() async throws {
        try await withLedger(stock: 1) { ledger in
            let value = try await ledger.catalog.withLock(on: demo) {
                try await ledger.catalog.withLock(on: SaleID("other")!) { 7 }
            }
            #expect(value == 7)
        }
    }

    @Test func aLockEndsWithAnErrorToo() async throws {
        struct Failure: Error {}
        try await withLedger(stock: 1) { (ledger) async throws in
            await #expect(throws: Failure.self) { try await ledger.catalog.withLock(on: demo) { throw Failure() } }
            #expect(try await ledger.catalog.withLock(on: demo) { 7 } == 7)
        }
    }

    @Test func aCancelledTaskStopsWaitingForALock() async throws {
        try await withLedger(stock: 1) { ledger in
            try await ledger.catalog.withLock(on: demo) {
                _ = await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup { group in
                        group.addTask { try await PostgresCatalog(address: ledger.address).withLock(on: demo) {} }
                        try await ledger.wait(until: LedgerUnderTest.somebodyWaitsForALock)
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test func locksThatNobodyHoldsAreTakenWithoutWaitingAndGivenBackOneByOne() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in
            let (mine, others) = (ledger.catalog, PostgresCatalog(address: ledger.address))
            let sales = ["a", "b", "c"].map { SaleID($0)! }
            #expect(try await mine.tryLock([sales[1]]) == [sales[1]])
            #expect(try await others.tryLock(sales) == [sales[0], sales[2]])
            #expect(try await mine.tryLock([sales[0], sales[2]]) == [])
            await others.unlock([sales[2]])
            #expect(try await mine.tryLock([sales[0], sales[2]]) == [sales[2]])
            #expect(try await mine.tryLock([]) == [])
        }
    }

    /// Whoever waits for a lock, as operators do, gets it as soon as the repair of that sale is
    /// over.
    @Test func anOperatorWaitsForARepairsLockAndARepairStepsBackFromAnOperators() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in
            let operators = PostgresCatalog(address: ledger.address)
            #expect(try await ledger.catalog.tryLock([demo, SaleID("other")!]).count == 2)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    let taken = try await operators.withLock(on: demo) { try await ledger.catalog.tryLock([demo]) }
                    #expect(taken == [])
                }
                try await ledger.wait(until: LedgerUnderTest.somebodyWaitsForALock)
                await ledger.catalog.unlock([demo])
                try await group.waitForAll()
            }
        }
    }

    @Test func locksEndWithTheSessionThatTookThem() async throws {
        try await withLedger(stock: 1) { (ledger) async throws in
            #expect(try await ledger.catalog.tryLock([demo]) == [demo])
            let holders = """
                SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database ON oid = database
                WHERE datname = current_database() AND locktype = 'advisory' AND granted
                """
            #expect(try await ledger.number(holders) == 1)
            try await ledger.wait(until: "NOT (\(LedgerUnderTest.somebodyHoldsALock))")
            #expect(try await PostgresCatalog(address: ledger.address).tryLock([demo]) == [demo])
        }
    }

    @Test func aSessionThatIsLentAndFailsDoesNotComeBackInItsTransaction() async throws {
        struct Failure: Error {}
        try await withLedger(stock: 9) { (ledger) async throws in
            let catalog = PostgresCatalog(sessions: PostgresSessions(address: ledger.address, sharedCount: 1))
            _ = try await ledger.journal().commit([reservation(1)])
            await #expect(throws: Failure.self) { try await catalog.rebuildSnapshot(of: demo) { _ in throw Failure() } }
            #expect(try await catalog.beginEpoch(of: demo) == 1)
        }
    }

    @Test func aSnapshotPagesEveryOrderThatARebuildMustKnow() async throws {
        try await withLedger(stock: 4_100, limit: 2) { ledger in
            let journal = ledger.journal()
            for batch in 0..<5 { _ = try await journal.commit(reservations(batch * 900..<(batch + 1) * 900)) }
            _ = try await journal.commit([reservation(9_001, key: "k"), reservation(9_002)])
            let pages = Mutex<[[RebuildEntry]]>([])
            let sale = try await ledger.catalog.rebuildSnapshot(of: demo) { page in pages.withLock { $0.append(page) } }
            let entries = pages.withLock { $0 }
            #expect(entries.allSatisfy { $0.count <= 2_000 })
            #expect(entries.count == 3)
            let live = entries.joined().filter(\.isLive)
            #expect(Int64(live.reduce(0) { $0 + $1.quantity }) == sale.items[0].committed)
            #expect(sale.items[0].committed == 4_100)
            // 400 orders found no unit; of those and of the last two, one has a key to settle.
            #expect(entries.joined().filter { !$0.isLive }.map(\.key) == [IdempotencyKey("k")])
        }
    }

    /// The units and the orders are those of one instant, whatever is committed between two pages.
    @Test func aSnapshotDoesNotSeeWhatComesDuringIt() async throws {
        try await withLedger(stock: 9_000) { ledger in
            let journal = ledger.journal()
            for batch in 0..<3 { _ = try await journal.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            let counts = Mutex<[Int]>([])
            let sale = try await ledger.catalog.rebuildSnapshot(of: demo) { page in
                let isFirst = counts.withLock { counts in
                    counts.append(page.count)
                    return counts.count == 1
                }
                if isFirst { _ = try await journal.commit(reservations(5_000..<6_000)) }
            }
            #expect(counts.withLock { $0 } == [2_000, 1_000])
            #expect(sale.items[0].committed == 3_000)
            #expect(try await ledger.committed() == [4_000])
        }
    }

    @Test func anErrorOfAPageEndsTheSnapshot() async throws {
        struct Failure: Error {}
        try await withLedger(stock: 9) { ledger in
            _ = try await ledger.journal().commit([reservation(1)])
            await #expect(throws: Failure.self) { try await ledger.catalog.rebuildSnapshot(of: demo) { _ in throw Failure() } }
        }
    }
}

/// Counts who is inside at once.
private final class Room: Sendable {
    private let counts = Mutex((inside: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func enter() {
        counts.withLock { counts in
            counts.inside += 1
            counts.most = max(counts.most, counts.inside)
        }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }
}
