import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// `commit_item`, the statement of the usual batch: all or nothing, and nothing that the general statement is there for.
@Suite(.timeLimit(.minutes(2))) struct ItemBatchTests {
    private func commit(_ orders: [Reservation], _ ledger: LedgerUnderTest) async throws -> [CommitVerdict]? {
        let batch = try #require(ItemBatch(orders))
        return try await ledger.session.perform { (session: isolated PostgresSession) throws(JournalError) in try batch.commit(on: session) }
    }

    private func expectRefused(_ orders: [Reservation], with state: String, _ ledger: LedgerUnderTest) async throws {
        let before = try await ledger.committed()
        await #expect {
            _ = try await commit(orders, ledger)
        } throws: { error in
            (error as? JournalError)?.hasState(state) == true
        }
        #expect(try await ledger.committed() == before)
        #expect(try await ledger.number("SELECT count(*) FROM stock_moves") == 0)
    }

    @Test func itsOrdersAreThoseOfTheGeneralStatement() async throws {
        try await withLedger(stock: 50) { ledger in
            let orders = [reservation(3, key: "k"), reservation(1), reservation(2)]
            let verdicts = try #require(try await commit(orders, ledger))
            #expect(try await ledger.journal().commit(orders) == verdicts)
            #expect(verdicts.committedCount == 3)
            #expect(try await ledger.committed() == [3])
            #expect(try await ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'commit'") == 1)
        }
    }

    @Test func unitsOfUsersAreCountedWhereTheLimitIsAboveOne() async throws {
        try await withLedger(stock: 50, limit: 3) { ledger in
            let orders = [reservation(1, user: "ann", quantity: 2), reservation(2, user: "bob"), reservation(3, user: "ann")]
            #expect(try await commit(orders, ledger)?.committedCount == 3)
            #expect(try await ledger.lines("SELECT user_id || ' ' || units FROM user_units ORDER BY 1") == ["ann 3", "bob 1"])
            #expect(try await ledger.committed() == [4])
            try await expectRefused([reservation(4, user: "cid"), reservation(5, user: "ann")], with: SQLState.checkViolation, ledger)
        }
    }

    @Test func oneOrderTooManyCommitsNone() async throws {
        try await withLedger(stock: 2) { ledger in
            try await expectRefused(reservations(0..<3), with: SQLState.checkViolation, ledger)
        }
    }

    @Test(arguments: [
        [reservation(2), reservation(1)], [reservation(2, user: "user-1")], [reservation(2, user: "user-1", key: "k")],
        [reservation(2), reservation(2)],
    ])
    func anOrderThatIsThereOrWhoseUserHasOneCommitsNone(orders: [Reservation]) async throws {
        try await withLedger(stock: 50) { ledger in
            _ = try await commit([reservation(1, key: "k")], ledger)
            try await expectRefused(orders, with: SQLState.uniqueViolation, ledger)
        }
    }

    /// Their units must be charged to the present epoch, which this statement does not do.
    @Test func ordersOfAnEpochThatEndedAreLeftToTheGeneralStatement() async throws {
        try await withLedger(stock: 50) { ledger in
            try await ledger.session.script("UPDATE stock SET epoch = 2")
            try await expectRefused(reservations(0..<3), with: SQLState.checkViolation, ledger)
            #expect(try await ledger.journal().commit(reservations(0..<3)).committedCount == 3)
            #expect(try await ledger.number("SELECT count(*) FROM stock_moves WHERE kind = 'charge'") == 3)
        }
    }

    @Test func anItemThatPostgresDoesNotKnowIsNotAnswered() async throws {
        try await withLedger(stock: 50) { ledger in
            let verdicts = try await commit([reservation(1, sku: SKU("other")!)], ledger)
            #expect(verdicts == nil)
            #expect(try await ledger.number("SELECT count(*) FROM orders") == 0)
        }
    }

    @Test func onlyOrdersOfOneItemAndEpochAreAUsualBatch() {
        var later = reservation(2)
        later.epoch = 2
        #expect(ItemBatch([reservation(1), reservation(2)]) != nil)
        #expect(ItemBatch([reservation(1), later]) == nil)
        #expect(ItemBatch([reservation(1), reservation(2, sku: SKU("other")!)]) == nil)
        #expect(ItemBatch([reservation(1), reservation(2, sale: SaleID("other")!)]) == nil)
        #expect(ItemBatch([]) == nil)
    }
}
