import PostgresLedger
import SaleCore
import SaleService
import Testing

/// Several nodes write at once.
@Suite(.timeLimit(.minutes(3))) struct JournalConcurrencyTests {
    /// Commits each list of batches over a journal of its own, all at once.
    private func commit(_ lanes: [[[Reservation]]], _ ledger: LedgerUnderTest) async throws -> [[CommitVerdict]] {
        try await withThrowingTaskGroup(of: (Int, [CommitVerdict]).self) { group in
            for (lane, batches) in lanes.enumerated() {
                group.addTask {
                    let journal = ledger.journal()
                    var verdicts: [CommitVerdict] = []
                    for batch in batches { verdicts += try await journal.commit(batch) }
                    return (lane, verdicts)
                }
            }
            var verdicts = Array(repeating: [CommitVerdict](), count: lanes.count)
            for try await (lane, found) in group { verdicts[lane] = found }
            return verdicts
        }
    }

    private func deadlocks(_ ledger: LedgerUnderTest) async throws -> Int64 {
        try await ledger.session.script("SELECT pg_stat_force_next_flush()")
        return try await ledger.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    }

    @Test func twoWritersSellEveryUnitOnceAndNeverDeadlock() async throws {
        try await withLedger(stock: 500, 300) { ledger in
            // 1,200 orders over two items, shuffled so that the lanes meet the items in different
            // orders.
            let lanes = (0..<2).map { lane in
                (0..<15).map { batch in
                    let orders = (0..<40).map { number in
                        reservation(lane * 10_000 + batch * 40 + number, sku: LedgerUnderTest.sku((number + lane) % 2))
                    }
                    return lane == 0 ? orders : orders.reversed()
                }
            }
            let verdicts = try await commit(lanes, ledger).flatMap { $0 }
            #expect(verdicts.committedCount == 800)
            #expect(verdicts.count(of: .noUnits) == 400)
            #expect(try await ledger.committed(LedgerUnderTest.sku(0)) == [500])
            #expect(try await ledger.committed(LedgerUnderTest.sku(1)) == [300])
            #expect(try await deadlocks(ledger) == 0)
        }
    }

    /// Ten thousand small batches, as under half a load, and the last units among them.
    @Test func manySmallBatchesOfTwoWritersOfOneItemBalance() async throws {
        try await withLedger(stock: 29_000) { ledger in
            let lanes = (0..<2).map { lane in
                (0..<5_000).map { batch in reservations(lane * 100_000 + batch * 3..<lane * 100_000 + batch * 3 + 3) }
            }
            let verdicts = try await commit(lanes, ledger).flatMap { $0 }
            #expect(verdicts.committedCount == 29_000)
            #expect(verdicts.count(of: .noUnits) == 1_000)
            #expect(try await ledger.committed() == [29_000])
            #expect(try await deadlocks(ledger) == 0)
        }
    }

    /// After an outage every node finds the same leftovers in the reservation log, each in its own
    /// order.
    @Test func twoNodesThatWriteTheSameOrdersHearTheSameAndNeverDeadlock() async throws {
        try await withLedger(stock: 1_000) { ledger in
            let leftovers = (0..<10).map { reservations($0 * 60..<($0 + 1) * 60) }
            let verdicts = try await commit([leftovers, leftovers.map { $0.reversed() }], ledger)
            #expect(verdicts[0].committedCount == 600)
            #expect(verdicts[1].committedCount == 600)
            #expect(try await ledger.committed() == [600])
            #expect(try await deadlocks(ledger) == 0)
        }
    }

    /// The serialized path of one sale holds up nobody else's batches, and all of its own.
    @Test func aSaleThatIsJudgedOrderByOrderStopsNoOtherSale() async throws {
        try await withLedger(stock: 9) { ledger in
            let other = SaleID("other")!
            try await ledger.catalog.make(
                [
                    .create(title: "Other", opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: 1),
                    .addItem(LedgerUnderTest.phone, title: "Phone", unitPrice: 1, currency: Currency("CNY")!, stock: 9, limitPerUser: 1),
                ], to: other, by: .test)
            let holder = PostgresSession(address: ledger.address, profile: .catalog)
            // As the serialized path of a sale does, and then as the fast path does.
            for (number, mode) in [(1, ""), (2, "_shared")] {
                try await holder.script("BEGIN; SELECT pg_advisory_xact_lock\(mode)(1936026475, hashtext('\(LedgerUnderTest.sale)'))")
                async let waiting = ledger.journal().abandon([reservation(number)])
                async let buying = ledger.journal().commit([reservation(10 + number)])
                try await ledger.wait(until: LedgerUnderTest.somebodyWaitsForALock)
                #expect(try await ledger.journal().commit([reservation(20 + number, sale: other)]).committedCount == 1)
                #expect(try await ledger.journal().abandon([reservation(30 + number, sale: other)]) == [.rejected(.abandoned)])
                #expect(
                    try await ledger.number("SELECT count(*) FROM orders WHERE sale_id = 'demo' AND rejection = 'abandoned'") == Int64(number - 1))
                try await holder.script("ROLLBACK")
                #expect(try await waiting == [.rejected(.abandoned)])
                #expect(try await buying.committedCount == 1)
            }
        }
    }

    @Test func oneUserOnTwoNodesGetsOneUnit() async throws {
        try await withLedger(stock: 1_000) { ledger in
            let lanes = (0..<2).map { lane in
                (0..<10).map { batch in (0..<20).map { reservation(lane * 1_000 + batch * 20 + $0, user: "user-\(batch * 20 + $0)") } }
            }
            let verdicts = try await commit(lanes, ledger).flatMap { $0 }
            #expect(verdicts.committedCount == 200)
            #expect(verdicts.count(of: .conflict) == 200)
            #expect(try await ledger.committed() == [200])
        }
    }

    @Test func aCountedUserOnTwoNodesStaysWithinTheLimit() async throws {
        try await withLedger(stock: 1_000, limit: 3) { ledger in
            let lanes = (0..<2).map { lane in
                (0..<4).map { batch in (0..<30).map { reservation(lane * 1_000 + batch * 30 + $0, user: "user-\($0)") } }
            }
            let verdicts = try await commit(lanes, ledger).flatMap { $0 }
            #expect(verdicts.committedCount == 90)
            #expect(try await ledger.committed() == [90])
            #expect(try await ledger.number("SELECT max(units) FROM user_units") == 3)
            #expect(try await deadlocks(ledger) == 0)
        }
    }

    /// The guard moves from the index to the counters while orders come in: none of them may slip
    /// through between.
    @Test func noOrderSlipsThroughWhileTheLimitCrossesOne() async throws {
        try await withLedger(stock: 10_000) { ledger in
            async let raised: Void = ledger.make([.setLimitPerUser(LedgerUnderTest.phone, from: 1, to: 2)])
            let lanes = (0..<2).map { lane in
                (0..<20).map { batch in (0..<50).map { reservation(lane * 10_000 + batch * 50 + $0, user: "user-\($0)") } }
            }
            _ = try await commit(lanes, ledger)
            try await raised
            #expect(try await ledger.committed() == [100])
            #expect(try await ledger.number("SELECT sum(units) FROM user_units") == 100)
            #expect(try await ledger.catalog.auditFigures(of: LedgerUnderTest.sale)[LedgerUnderTest.phone]?.usersOverLimit == 0)
        }
    }
}
