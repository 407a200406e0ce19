import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// The orders of a usual batch are due together: one row says when, and no index has an entry for
/// each.
@Suite(.timeLimit(.minutes(3))) struct UnpaidBatchTests {
    private let due = "SELECT count(*) FROM unpaid_batches WHERE pay_by <= now()"

    private func batches(_ test: LifeUnderTest) async throws -> Int64 {
        try await test.ledger.number("SELECT count(*) FROM unpaid_batches")
    }

    /// Orders in the index of what awaits payment.
    private func indexed(_ test: LifeUnderTest) async throws -> Int64 {
        try await test.ledger.number("SELECT count(*) FROM orders WHERE state = 'awaiting_payment' AND NOT due_by_batch")
    }

    private func states(_ test: LifeUnderTest) async throws -> [String] {
        try await test.ledger.lines("SELECT state FROM orders ORDER BY id")
    }

    // MARK: Commits

    @Test func aUsualBatchHasOneDeadline() async throws {
        try await withLife(stock: 99) { test in
            try await test.commit([reservation(7), reservation(3), reservation(5)])
            try await test.commit([reservation(9)])
            #expect(try await indexed(test) == 0)
            #expect(
                try await test.ledger.lines(
                    """
                    SELECT format('%s %s %s', first.user_id, last.user_id, unpaid_batches.pay_by = first.pay_by)
                    FROM unpaid_batches JOIN orders AS first ON first.id = first_order JOIN orders AS last ON last.id = last_order
                    WHERE unpaid_batches.sale_id = first.sale_id AND unpaid_batches.sku = first.sku ORDER BY 1
                    """) == ["user-3 user-7 t", "user-9 user-9 t"])
        }
    }

    /// Redis granted in another order than that of the ids.
    @Test func theDeadlineIsThatOfTheOrderThatIsDueFirst() async throws {
        try await withLife(stock: 99) { test in
            var orders = reservations(1..<4)
            orders[1].grantedAt = Timestamp(milliseconds: 1_700_000_000_000)
            try await test.commit(orders)
            #expect(try await test.ledger.number("SELECT count(*) FROM unpaid_batches WHERE pay_by = (SELECT min(pay_by) FROM orders)") == 1)
            #expect(try await test.life.expire(countMax: 9) == 1)
            #expect(try await states(test) == ["awaiting_payment", "expired", "awaiting_payment"])
            #expect(try await test.ledger.number("SELECT count(*) FROM unpaid_batches WHERE pay_by > now()") == 1)
        }
    }

    @Test(arguments: [1, 3]) func ordersThatNoDeadlineSpeaksForStandInTheIndex(limit: Int) async throws {
        try await withLife(stock: 99, 99, limit: limit) { test in
            // Of two items; a second and more apart, as after an outage; and of an item that counts
            // its users.
            try await test.commit([reservation(1), reservation(2, sku: LedgerUnderTest.sku(1))])
            try await test.commit([reservation(3), reservation(5_000)])
            if limit > 1 { try await test.commit([reservation(6_000), reservation(6_001)]) }
            #expect(try await batches(test) == 0)
            #expect(try await indexed(test) == (limit > 1 ? 6 : 4))
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 9) == (limit > 1 ? 6 : 4))
            #expect(try await test.ledger.committed() == [0])
        }
    }

    @Test func aBatchThatIsNotCommittedLeavesNoDeadline() async throws {
        try await withLife(stock: 2) { test in
            let verdicts = try await test.ledger.journal().commit(reservations(1..<4))
            #expect(verdicts.committedCount == 2)
            #expect(try await batches(test) == 0)
            #expect(try await indexed(test) == 2)
        }
    }

    // MARK: Sweeps

    @Test func aBatchThatIsDueEndsAndIsForgotten() async throws {
        try await withLife(stock: 99, 99) { test in
            let orders = reservations(1..<6)
            try await test.commit(orders)
            try await test.commit((6..<9).map { reservation($0, sku: LedgerUnderTest.sku(1)) })
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await batches(test) == 2)
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 99) == 8)
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(0)) == [0])
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(1)) == [0])
            let moves = try await test.moves()
            #expect(
                moves.filter { $0.sku == LedgerUnderTest.phone }
                    == orders.enumerated().map { test.giveBack($0.element, number: Int64($0.offset) + 1) })
            #expect(Set(moves.map(\.order)).count == 8)
        }
    }

    @Test func ofABatchThatIsHalfPaidTheRestEnds() async throws {
        try await withLife(stock: 99) { test in
            let orders = reservations(1..<5)
            try await test.commit(orders)
            _ = try await test.life.record(test.payment(orders[0], id: "e1"))
            _ = try await test.life.cancel(orders[2].order, by: orders[2].user)
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 99) == 2)
            #expect(try await states(test) == ["paid", "expired", "cancelled", "expired"])
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed() == [1])
            // A payment that comes after that is refunded, as for any other order.
            #expect(try await test.life.record(test.payment(orders[1], id: "e2")).order?.refundDue == true)
        }
    }

    @Test func aBatchThatIsPaidIsForgottenOnceItIsDue() async throws {
        try await withLife(stock: 99) { test in
            let orders = reservations(1..<4)
            try await test.commit(orders)
            for order in orders { _ = try await test.life.record(test.payment(order, id: "e-\(order.order)")) }
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await batches(test) == 1)
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed() == [3])
        }
    }

    /// Its time is past as well, and none of it is ended before its own.
    @Test func anOrderThatIsNotDueYetKeepsItsBatch() async throws {
        try await withLife(stock: 99) { test in
            try await test.commit(reservations(1..<4))
            try await test.ledger.session.script(
                "UPDATE orders SET pay_by = now() - interval '1 second' WHERE user_id <> 'user-2'; UPDATE unpaid_batches SET pay_by = now()")
            #expect(try await test.life.expire(countMax: 99) == 2)
            #expect(try await states(test) == ["expired", "awaiting_payment", "expired"])
            #expect(try await test.ledger.number("SELECT count(*) FROM unpaid_batches JOIN orders USING (pay_by) WHERE user_id = 'user-2'") == 1)
        }
    }

    /// Whoever holds the order may be paying it, and may fail to.
    @Test func anOrderThatSomebodyElseHoldsKeepsItsBatch() async throws {
        try await withLife(stock: 99) { test in
            let orders = reservations(1..<4)
            try await test.commit(orders)
            try await test.letPass()
            let holder = PostgresSession(address: test.ledger.address, profile: .catalog)
            try await holder.script("BEGIN; SELECT 1 FROM orders WHERE id = '\(orders[1].order)' FOR UPDATE")
            #expect(try await test.life.expire(countMax: 99) == 2)
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await batches(test) == 1)
            // Not at once: a sweep would turn in circles.
            #expect(try await test.ledger.number(due) == 0)
            try await holder.script("ROLLBACK")
            try await test.ledger.wait(until: "(\(due)) = 1")
            #expect(try await test.life.expire(countMax: 99) == 1)
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed() == [0])
        }
    }

    @Test func aSweepEndsNoMoreOfABatchThanItMay() async throws {
        try await withLife(stock: 99) { test in
            try await test.commit(reservations(1..<6))
            try await test.commit(reservations(6..<8))
            try await test.letPass()
            for count in [3, 3, 1, 0] { #expect(try await test.life.expire(countMax: 3) == count) }
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed() == [0])
        }
    }

    /// Two nodes sell the same item at the same time: each one's orders lie between the other's.
    @Test func batchesThatOverlapEndEachOfTheirOrdersOnce() async throws {
        try await withLife(stock: 99, 99) { test in
            for lane in 0..<3 { try await test.commit((0..<5).map { reservation($0 * 3 + lane, sku: LedgerUnderTest.sku(lane % 2)) }) }
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 99) == 15)
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'release'") == 15)
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(0)) == [0])
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(1)) == [0])
        }
    }

    /// A node ends the orders of a batch, and dies before it forgets it; or forgets none, because
    /// it dies before that.
    @Test func whatASweepHasBegunTheNextOneGoesOnWith() async throws {
        try await withLife(stock: 99) { test in
            try await test.commit(reservations(1..<6))
            try await test.letPass()
            let ended = try await test.ledger.session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try DueBatch.due(countMax: 9, on: session).first?.expire(countMax: 3, on: session)
            }
            #expect(ended == 3)
            #expect(try await batches(test) == 1)
            #expect(try await test.life.expire(countMax: 99) == 2)
            #expect(try await batches(test) == 0)
            #expect(try await test.ledger.committed() == [0])
        }
    }

    /// One that found a batch due and stands still meanwhile must not forget it for what it saw
    /// then.
    @Test func aBatchIsForgottenForWhatItIsAtThatInstant() async throws {
        try await withLife(stock: 99) { test in
            try await test.commit(reservations(1..<4))
            try await test.letPass()
            try await test.ledger.session.perform { (session: isolated PostgresSession) throws(JournalError) in
                try DueBatch.close(try DueBatch.due(countMax: 9, on: session), on: session)
            }
            #expect(try await batches(test) == 1)
            #expect(try await states(test) == ["awaiting_payment", "awaiting_payment", "awaiting_payment"])
        }
    }

    @Test func nodesThatSweepAtOnceEndEachOrderOnce() async throws {
        try await withLife(stock: 999) { test in
            for batch in 0..<20 { try await test.commit(reservations(batch * 10..<batch * 10 + 10)) }
            try await test.letPass()
            let ended = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    let life = PostgresOrderLife(address: test.ledger.address, sessionCount: 1)
                    group.addTask {
                        var ended = 0
                        for _ in 0..<30 { ended += try await life.expire(countMax: 7) }
                        return ended
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(ended <= 200)
            var rest = ended
            while try await batches(test) > 0 {
                rest += try await test.life.expire(countMax: 99)
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(rest == 200)
            #expect(try await test.ledger.committed() == [0])
            #expect(try await test.moves().map(\.number) == (1...200).map { Int64($0) })
        }
    }

    /// Most batches were paid long before: a sweep gets through more of them than are sold
    /// meanwhile, and stays a sweep.
    @Test func aSweepGetsThroughManyBatchesOfWhichNothingIsLeft() async throws {
        try await withLife(stock: 9) { test in
            try await test.ledger.session.script(
                """
                INSERT INTO unpaid_batches
                SELECT now() - interval '1 second', id, id, 'demo', 'phone-x'
                FROM generate_series(1, 1200) AS number, LATERAL (SELECT ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid AS id) AS made
                """)
            #expect(try await test.life.expire(countMax: 500) == 0)
            #expect(try await batches(test) == 1_200 - 1_024)
            #expect(try await test.life.expire(countMax: 500) == 0)
            #expect(try await batches(test) == 0)
        }
    }
}
