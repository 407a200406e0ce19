import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// What a look asks Postgres: only what changed since the one before.
@Suite(.timeLimit(.minutes(2))) struct SaleNewsTests {
    private static let sale = LedgerUnderTest.sale

    @Test func theFirstAnswerIsWholeAndTheNextOneEmpty() async throws {
        try await withLedger(stock: 3, 4) { ledger in
            let first = try await ledger.catalog.news(since: nil, and: [])
            #expect(first.isWhole)
            #expect(first.sales == (try await ledger.catalog.sales()))
            #expect(first.sales.map(\.items.count) == [2])
            let next = try await Self.quiet(ledger, since: first.position)
            #expect(!next.isWhole)
        }
    }

    /// Transactions of other tests on the same server hold the position back; when they are over,
    /// nothing is news.
    private static func quiet(_ ledger: LedgerUnderTest, since position: Int64) async throws -> SaleNews {
        var news = try await ledger.catalog.news(since: position, and: [])
        while !news.sales.isEmpty {
            try await Task.sleep(for: .milliseconds(1))
            news = try await ledger.catalog.news(since: news.position, and: [])
        }
        return news
    }

    @Test func anEmptyDatabaseIsAWholeAnswerWithoutSales() async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.catalog.migrate()
            let news = try await ledger.catalog.news(since: nil, and: [])
            #expect(news.isWhole)
            #expect(news.sales.isEmpty)
        }
    }

    @Test func whatOperatorsAndRebuildsChangeIsNews() async throws {
        try await withLedger(stock: 3) { ledger in
            var position = try await ledger.catalog.news(since: nil, and: []).position
            func isNews(_ change: () async throws -> Void) async throws -> Bool {
                try await change()
                let news = try await ledger.catalog.news(since: position, and: [])
                position = news.position
                return news.sales == [try #require(try await ledger.catalog.sale(Self.sale))]
            }
            #expect(try await isNews { try await ledger.make([.setTitle(from: "Demo", to: "New")]) })
            #expect(try await isNews { try await ledger.make([.moveStock(LedgerUnderTest.phone, from: 3, to: 5)]) })
            #expect(try await isNews { try await ledger.make([.setItemTitle(LedgerUnderTest.phone, from: "Phone", to: "X")]) })
            #expect(
                try await isNews {
                    try await ledger.make([
                        .addItem(SKU("new")!, title: "", unitPrice: 1, currency: Currency("CNY")!, stock: 1, limitPerUser: 1)
                    ])
                })
            #expect(try await isNews { _ = try await ledger.catalog.beginEpoch(of: Self.sale) })
            #expect(try await isNews { _ = try await ledger.catalog.proveEpoch(1, of: Self.sale, run: "run") })
            #expect(try await isNews { try await ledger.session.script("UPDATE sales SET status = 'paused'") })
        }
    }

    @Test func ordersAreNoNews() async throws {
        try await withLedger(stock: 9) { ledger in
            var position = try await ledger.catalog.news(since: nil, and: []).position
            position = try await Self.quiet(ledger, since: position).position
            #expect(try await ledger.journal().commit(reservations(0..<4)).committedCount == 4)
            position = try await Self.quiet(ledger, since: position).position
            let asked = try await ledger.catalog.news(since: position, and: [Self.sale, SaleID("unknown")!])
            #expect(asked.sales.map { $0.items.map(\.committed) } == [[4]])
            #expect(!asked.isWhole)
        }
    }

    /// A change is numbered when its transaction begins and seen when it ends: those between must
    /// not be passed over.
    @Test func aChangeIsNewsWhoeverCommittedInBetween() async throws {
        try await withLedger(stock: 3) { ledger in
            let slow = PostgresSession(address: ledger.address, profile: .catalog)
            try await slow.begin(.readCommitted)
            _ = try await slow.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.run(Statement("slow", "UPDATE sales SET title = 'late'"))
            }
            try await ledger.session.script("CREATE TABLE something (x int); INSERT INTO something VALUES (1)")
            let before = try await ledger.catalog.news(since: nil, and: [])
            #expect(before.sales.map(\.title) == ["Demo"])
            try await slow.commit()
            await slow.close()
            let after = try await ledger.catalog.news(since: before.position, and: [])
            #expect(after.sales.map(\.title) == ["late"])
        }
    }

    /// A database that was set up anew counts its transactions from lower on.
    @Test func aPositionThatTheDatabaseHasNotReachedAsksForEverything() async throws {
        try await withLedger(stock: 3) { ledger in
            let news = try await ledger.catalog.news(since: .max, and: [])
            #expect(news.isWhole)
            #expect(news.sales.count == 1)
            #expect(news.position < .max)
        }
    }
}
