import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// The statements of the usual batch: all or nothing, and nothing that the general statement is
/// there for.
@Suite(.timeLimit(.minutes(2))) struct ItemBatchTests {
    private static let item = ItemKey(sale: LedgerUnderTest.sale, sku: LedgerUnderTest.phone)

    private func commit(
        _ orders: [Reservation], _ ledger: LedgerUnderTest, _ counting: CountingItems = CountingItems()
    ) async throws -> CommitVerdicts? {
        let batch = try #require(ItemBatch(orders))
        return try await ledger.session.perform { (session: isolated PostgresSession) throws(JournalError) in try batch.commit(on: session, counting)
        }
    }

    /// One hint that is right and one that is not, for either kind of item.
    private func hints() -> [CountingItems] {
        let counting = CountingItems()
        counting.note(Self.item, counts: true)
        return [CountingItems(), counting]
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

    @Test(arguments: [1, 3]) func itWritesWhatTheGeneralStatementWrites(limit: Int) async throws {
        let orders = [reservation(3, quantity: limit, key: "k"), reservation(1), reservation(2)]
        var written: [[String]] = []
        var answers: [CommitVerdicts] = []
        for hint in hints() + [nil] {
            try await withLedger(stock: 50, limit: limit) { ledger in
                let verdicts = try await ledger.session.perform { (session: isolated PostgresSession) throws(JournalError) in
                    guard let hint else { return try InsertedOrders.insert(orders, by: .commitNewOrders, on: session).verdictsOfWholeBatch(orders) }
                    return try ItemBatch(orders)?.commit(on: session, hint)
                }
                answers.append(try #require(verdicts))
                written.append(
                    try await ledger.lines(
                        """
                        SELECT (to_jsonb(orders) - 'due_by_batch')::text FROM orders
                        UNION ALL SELECT to_jsonb(user_units)::text FROM user_units
                        UNION ALL SELECT (to_jsonb(stock_ledger) - 'at')::text FROM stock_ledger
                        UNION ALL SELECT (to_jsonb(stock) - 'created_at' - 'updated_at')::text FROM stock
                        ORDER BY 1
                        """))
            }
        }
        #expect(answers.allSatisfy { $0 == answers[0] })
        #expect(Set(written).count == 1)
        #expect(written[0].count == (limit == 1 ? 6 : 9))
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

    @Test func whetherAnItemCountsItsUsersIsLearntAndForgotten() async throws {
        for (limit, counts) in [(1, false), (3, true)] {
            try await withLedger(stock: 50, limit: limit) { ledger in
                for hint in hints() {
                    let known = try await ledger.number("SELECT count(*) FROM orders")
                    #expect(try await commit([reservation(Int(known))], ledger, hint)?.committedCount == 1)
                    #expect(hint.contains(Self.item) == counts)
                }
                #expect(try await ledger.committed() == [2])
            }
        }
    }

    /// An operator's new terms hold for later orders: a buyer hears what stands in the order.
    @Test func termsThatChangeBetweenInsertAndStockAreNotTheOrders() async throws {
        try await withLedger(stock: 50) { ledger in
            let verdicts = try await commitWhileHeld("unit_price = 1; UPDATE sales SET pay_within_ms = 1", reservations(0..<3), ledger)
            let read = try await PostgresOrders(address: ledger.address).order(reservation(0).order)
            let order = try #require(read)
            #expect(order.unitPrice == 399_900)
            #expect(verdicts.first == .committed(order))
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
            for hint in hints() {
                let verdicts = try await commit(reservations(0..<3), ledger, hint)
                #expect(verdicts == nil)
            }
            #expect(try await ledger.number("SELECT count(*) FROM orders") == 0)
            #expect(try await ledger.committed() == [0])
            #expect(try await ledger.journal().commit(reservations(0..<3)).committedCount == 3)
            #expect(try await ledger.number("SELECT count(*) FROM stock_moves WHERE kind = 'charge'") == 3)
        }
    }

    /// What counts is the item as it is when its row is free, not as it was when the statement
    /// began.
    @Test(arguments: [1, 3]) func anEpochThatEndsWhileTheBatchWaitsForTheItemCounts(limit: Int) async throws {
        try await withLedger(stock: 50, limit: limit) { ledger in
            let verdicts = try await commitWhileHeld("epoch = 2", reservations(0..<3), ledger)
            #expect(verdicts.committedCount == 3)
            #expect(try await ledger.number("SELECT count(*) FROM stock_moves WHERE kind = 'charge'") == 3)
            #expect(try await ledger.committed() == [3])
            #expect(try await ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'commit'") == 1)
        }
    }

    @Test func unitsThatMoveWhileTheBatchWaitsForTheItemCount() async throws {
        try await withLedger(stock: 50) { ledger in
            _ = try await ledger.journal().commit(reservations(0..<4))
            let verdicts = try await commitWhileHeld("committed = committed - 1, last_move = last_move + 1", reservations(4..<7), ledger)
            #expect(verdicts.committedCount == 3)
            #expect(try await ledger.lines("SELECT committed || ' ' || last_move FROM stock") == ["6 1"])
        }
    }

    /// Commits while another session changes the item, and ends its transaction only when the batch
    /// waits for it.
    private func commitWhileHeld(_ change: String, _ orders: [Reservation], _ ledger: LedgerUnderTest) async throws -> CommitVerdicts {
        let holder = PostgresSession(address: ledger.address, profile: .catalog)
        try await holder.script("BEGIN; UPDATE stock SET \(change)")
        async let verdicts = ledger.journal().commit(orders)
        try await ledger.wait(
            until: "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
        try await holder.script("COMMIT")
        return try await verdicts
    }

    @Test func anItemThatPostgresDoesNotKnowIsNotAnswered() async throws {
        try await withLedger(stock: 50) { ledger in
            for hint in hints() {
                let verdicts = try await commit([reservation(1, sku: SKU("other")!)], ledger, hint)
                #expect(verdicts == nil)
            }
            #expect(try await ledger.number("SELECT count(*) FROM orders") == 0)
            #expect(try await ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'commit'") == 0)
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
