import PostgresLedger
import SaleCore
import SaleService
import Testing

/// Several nodes end the same orders at once.
@Suite(.timeLimit(.minutes(3))) struct PostgresOrderRaceTests {
    private typealias Party = @Sendable (PostgresOrderLife) async throws -> Void

    /// Runs every party at once, each over sessions of its own.
    private func race(_ test: LifeUnderTest, _ parties: [Party]) async throws {
        try await withThrowingTaskGroup { group in
            for party in parties {
                let life = PostgresOrderLife(address: test.ledger.address, sessionCount: 2)
                group.addTask { try await party(life) }
            }
            try await group.waitForAll()
        }
    }

    /// The moves of an item are numbered 1, 2, 3, …, and the item knows the last one.
    private func expectNoGaps(_ test: LifeUnderTest, count: Int, _ sku: SKU = LedgerUnderTest.phone) async throws {
        let numbers = try await test.moves(countMax: 100_000).filter { $0.sku == sku }.map(\.number)
        #expect(numbers == (0..<count).map { Int64($0) + 1 })
        #expect(try await test.lastMove(sku) == Int64(count))
    }

    @Test func movesHaveNoGapsUnderParallelCancelsCommitsAndLateOrders() async throws {
        try await withLife(stock: 1_000, 1_000) { test in
            _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale)
            let orders = (0..<240).map { reservation($0, sku: LedgerUnderTest.sku($0 % 2)) }
            try await test.commit(orders)
            // From here on, what was granted in epoch 1 comes late and is charged.
            _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale)
            var parties: [Party] = (0..<4).map { lane -> Party in
                { life in for order in orders where Int(order.order.low % 4) == lane { _ = try await life.cancel(order.order, by: order.user) } }
            }
            let ledger = test.ledger
            parties.append { _ in
                let journal = ledger.journal()
                for batch in 0..<12 {
                    // Of one item, then of the other, then of both.
                    let late = (0..<10).map { reservation(1_000 + batch * 10 + $0, sku: LedgerUnderTest.sku(batch % 3 == 2 ? $0 % 2 : batch % 3)) }
                    let verdicts = try await journal.commit(late)
                    #expect(verdicts.committedCount == 10)
                }
            }
            try await race(test, parties)
            for item in 0...1 {
                let sku = LedgerUnderTest.sku(item)
                // 120 give-backs and 60 charges.
                try await expectNoGaps(test, count: 180, sku)
                #expect(try await test.ledger.committed(sku) == [60])
                let charged = try await test.moves().filter { $0.sku == sku && $0.kind == .charge }
                #expect(charged.count == 60)
                #expect(Set(charged.map(\.order)).count == 60)
            }
        }
    }

    /// The buyer cancels, the provider says that it was paid, and the time is over: whoever is
    /// first decides.
    @Test(arguments: [1, 2]) func ordersRacedByCancelPaymentAndExpiryEachEndInOneState(limit: Int) async throws {
        try await withLife(stock: 1_000, limit: limit) { test in
            let orders = (0..<150).map { reservation($0, quantity: limit) }
            try await test.commit(orders)
            try await test.letPass()
            try await race(
                test,
                [
                    { life in for order in orders { _ = try await life.cancel(order.order, by: order.user) } },
                    { life in for order in orders.reversed() { _ = try await life.record(test.payment(order, id: "e-\(order.order)")) } },
                    { life in while try await life.expire(countMax: 7) > 0 {} },
                    { life in for order in orders { _ = try await life.record(test.payment(order, id: "f-\(order.order)", .failed)) } },
                ])
            #expect(try await test.ledger.number("SELECT count(*) FROM orders WHERE state IN ('paid', 'cancelled', 'expired')") == 150)
            let paid = try await test.ledger.number("SELECT count(*) FROM orders WHERE state = 'paid'")
            #expect(try await test.ledger.committed() == [paid * Int64(limit)])
            #expect(try await test.counted() == (limit > 1 ? paid * Int64(limit) : 0))
            // One move and one release per order that ended, none for a paid one; each payment is
            // on the order or due for refund.
            try await expectNoGaps(test, count: 150 - Int(paid))
            #expect(
                try await test.ledger.number(
                    "SELECT count(*) FROM stock_moves JOIN orders ON orders.id = order_id WHERE orders.state = 'paid'") == 0)
            #expect(try await test.ledger.number("SELECT count(DISTINCT order_id) FROM stock_moves") == 150 - paid)
            #expect(try await test.ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'release'") == 150 - paid)
            #expect(try await test.ledger.number("SELECT count(*) FROM stock_ledger WHERE kind = 'payment'") == 150)
            #expect(try await test.ledger.number("SELECT count(*) FROM payment_events WHERE effect = 'paid'") == paid)
            #expect(try await test.ledger.number("SELECT count(*) FROM orders WHERE refund_due") == 150 - paid)
            #expect(try await test.ledger.number("SELECT count(*) FROM orders WHERE refund_due AND state = 'paid'") == 0)
        }
    }

    @Test func twoSweepsAtOnceEndEachOrderOnce() async throws {
        try await withLife(stock: 1_000) { test in
            try await test.commit(reservations(0..<300))
            try await test.letPass()
            let sweep: Party = { life in
                var idle = 0
                while idle < 3 { idle = try await life.expire(countMax: 20) == 0 ? idle + 1 : 0 }
            }
            try await race(test, [sweep, sweep, sweep])
            #expect(try await test.ledger.number("SELECT count(*) FROM orders WHERE state = 'expired'") == 300)
            #expect(try await test.ledger.committed() == [0])
            try await expectNoGaps(test, count: 300)
        }
    }

    /// The primary key of the events decides, for the two orders' rows are locked by different
    /// transactions.
    @Test func oneEventIdRacedBetweenTwoOrdersIsKeptForOneOfThem() async throws {
        try await withLife(stock: 1_000) { test in
            let orders = reservations(0..<80)
            try await test.commit(orders)
            let pairs = stride(from: 0, to: 80, by: 2).map { (orders[$0], orders[$0 + 1]) }
            try await race(
                test,
                [
                    { life in for (index, pair) in pairs.enumerated() { _ = try await life.record(test.payment(pair.0, id: "e-\(index)")) } },
                    { life in for (index, pair) in pairs.enumerated() { _ = try await life.record(test.payment(pair.1, id: "e-\(index)")) } },
                ])
            for (index, pair) in pairs.enumerated() {
                let states = [try await test.state(pair.0), try await test.state(pair.1)]
                #expect(Set(states) == [.paid, .awaitingPayment])
                let loser = states[0] == .paid ? pair.1 : pair.0
                #expect(try await test.life.record(test.payment(loser, id: "e-\(index)")) == .otherEvent)
            }
            #expect(try await test.events().count == 40)
            #expect(try await test.ledgerLines("payment").count == 40)
        }
    }

    /// A provider that repeats itself before it hears an answer.
    @Test func oneEventSentManyTimesAtOnceCountsOnce() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1)
            try await test.commit([order])
            let event = test.payment(order, id: "e1")
            let pay: Party = { life in
                for _ in 1...10 {
                    let paid = try await life.record(event).order
                    #expect(paid?.state == .paid)
                    #expect(paid?.refundDue == false)
                }
            }
            try await race(test, [pay, pay, pay])
            #expect(try await test.events() == ["e1 succeeded paid"])
            #expect(try await test.ledgerLines("payment").count == 1)
        }
    }

    /// A cancel that waits for a payment's lock finds the order paid, and the other way round;
    /// neither waits for the other's end for ever.
    @Test func aCancelBehindAPaymentUnderWayHearsThatItIsPaid() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1)
            try await test.commit([order])
            let holder = PostgresSession(address: test.ledger.address, profile: .catalog)
            try await holder.script("BEGIN; UPDATE orders SET state = 'paid' WHERE id = '\(order.order)'")
            async let outcome = test.life.cancel(order.order, by: order.user)
            try await test.ledger.wait(
                until: "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')")
            try await holder.script("COMMIT")
            let heard = try await outcome
            #expect(heard == .notCancellable(try #require(heard.order)))
            #expect(heard.order?.state == .paid)
            #expect(try await test.moves() == [])
        }
    }
}
