import Foundation
import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

/// Nodes of an earlier version and of this one on one database, in between the upgrade of the
/// schema and that of the last node.
@Suite(.timeLimit(.minutes(3))) struct RollingUpgradeTests {
    /// A database of commit 0df4317 that was upgraded while nodes ran, with one sale.
    private func withBoth(stock: Int64, _ body: (LifeUnderTest, NodeOfCommit0df4317) async throws -> Void) async throws {
        try await withPostgres { url in
            let ledger = try LedgerUnderTest(url: url)
            try await ledger.session.script(String(decoding: PackageResources.schema_0df4317_sql, as: UTF8.self))
            try await ledger.load(stock: [stock])
            let test = LifeUnderTest(ledger: ledger, life: PostgresOrderLife(address: ledger.address, sessionCount: 2))
            try await body(test, NodeOfCommit0df4317(ledger))
        }
    }

    @Test func bothCommitAndTheBooksBalance() async throws {
        try await withBoth(stock: 1_200) { test, earlier in
            async let committedEarlier = withThrowingTaskGroup(of: Void.self) { _ in
                var count = 0
                for batch in 0..<200 { count += try await earlier.commit(reservations(100_000 + batch * 3..<100_003 + batch * 3)) ? 3 : 0 }
                return count
            }
            let journal = test.ledger.journal()
            var verdicts: [CommitVerdict] = []
            for batch in 0..<200 { verdicts += try await journal.commit(reservations(batch * 3..<batch * 3 + 3)) }
            #expect(verdicts.committedCount == 600)
            #expect(try await committedEarlier == 600)
            #expect(try await test.ledger.committed() == [1_200])
            // Neither takes a unit too many, nor an order twice.
            await #expect(throws: JournalError.self) { _ = try await earlier.commit([reservation(300_000)]) }
            await #expect(throws: JournalError.self) { _ = try await earlier.commit(reservations(0..<3)) }
            #expect(try await journal.commit([reservation(300_001)]) == [.rejected(.noUnits)])
            #expect(try await journal.commit(reservations(100_000..<100_003)).committedCount == 3)
            #expect(try await test.ledger.committed() == [1_200])
        }
    }

    @Test(arguments: [true, false]) func eachEndsWhatTheOtherCommitted(isEarlierFirst: Bool) async throws {
        try await withBoth(stock: 99) { test, earlier in
            try await test.commit(reservations(1..<6))
            #expect(try await earlier.commit(reservations(11..<16)))
            try await test.letPass()
            if isEarlierFirst {
                #expect(try await earlier.expire(countMax: 3) == 3)
                #expect(try await test.life.expire(countMax: 99) == 7)
            } else {
                #expect(try await test.life.expire(countMax: 3) == 3)
                #expect(try await earlier.expire(countMax: 99) == 7)
            }
            #expect(try await test.life.expire(countMax: 99) == 0)
            #expect(try await earlier.expire(countMax: 99) == 0)
            #expect(try await test.ledger.number("SELECT count(*) FROM unpaid_batches") == 0)
            #expect(try await test.ledger.number("SELECT count(DISTINCT order_id) FROM stock_moves") == 10)
            #expect(try await test.ledger.committed() == [0])
        }
    }

    @Test func bothSweepAtOnceAndEndEachOrderOnce() async throws {
        try await withBoth(stock: 999) { test, earlier in
            for batch in 0..<20 {
                try await test.commit(reservations(batch * 5..<batch * 5 + 5))
                #expect(try await earlier.commit(reservations(10_000 + batch * 5..<10_005 + batch * 5)))
            }
            try await test.letPass()
            async let endedEarlier = withThrowingTaskGroup(of: Void.self) { _ in
                var count = 0
                for _ in 0..<40 { count += try await earlier.expire(countMax: 4) }
                return count
            }
            var ended = 0
            for _ in 0..<40 { ended += try await test.life.expire(countMax: 4) }
            ended += try await endedEarlier
            while try await test.ledger.number("SELECT count(*) FROM unpaid_batches") > 0 {
                ended += try await test.life.expire(countMax: 99)
                try await Task.sleep(for: .milliseconds(50))
            }
            ended += try await test.life.expire(countMax: 999)
            #expect(ended == 200)
            #expect(try await test.ledger.committed() == [0])
            #expect(try await test.moves().map(\.number) == (1...200).map { Int64($0) })
        }
    }

    /// What a node without the feed commits is not told, until somebody does what the manual says.
    @Test func whatAnEarlierNodeCommittedIsEnteredAfterwards() async throws {
        try await withBoth(stock: 99) { test, earlier in
            let feed = FeedUnderTest(test)
            #expect(try await earlier.commit(reservations(10..<13)))
            try await test.commit(reservations(1..<4))
            #expect(try await feed.all(types: [.orderCommitted]).count == 3)
            let sql = try Self.manual()
            try await test.ledger.session.script(sql)
            try await test.ledger.session.script(sql)
            let told = try await feed.all(types: [.orderCommitted]).compactMap { $0.order?.id }
            #expect(told == (reservations(1..<4) + reservations(10..<13)).map(\.order))
        }
    }

    /// As nodes enter it: no row of more orders than one statement has, and each step in its place.
    @Test func whatIsEnteredAfterwardsIsLikeWhatNodesEnter() async throws {
        try await withFeed(stock: 2_000) { feed in
            let orders = reservations(1..<1_203)
            for first in [0, 602] { try await feed.life.commit(Array(orders[first..<min(first + 602, orders.count)])) }
            // As nodes without the feed would have left it.
            try await feed.ledger.session.script("DELETE FROM events WHERE orders IS NOT NULL")
            let ends = [("paid", 0), ("cancelled", 1), ("expired", 2)]
            for (state, index) in ends {
                try await feed.ledger.session.script("UPDATE orders SET state = '\(state)' WHERE id = '\(orders[index].order)'")
            }
            try await feed.ledger.session.script("UPDATE orders SET refund_due = true WHERE id = '\(orders[1].order)'")
            let sql = try Self.manual()
            try await feed.ledger.session.script(sql)
            try await feed.ledger.session.script(sql)
            let events = try await feed.all(types: .ofOrders)
            #expect(events.prefix(1_202).map(\.order?.id) == orders.map(\.order) && events.prefix(1_202).allSatisfy { $0.type == .orderCommitted })
            #expect(
                events.dropFirst(1_202).map { "\($0.type) \($0.order!.id.low & 0xFF)" } == [
                    "order.cancelled 2", "order.expired 3", "order.paid 1", "order.refund_due 2",
                ])
            #expect(try await feed.ledger.number("SELECT max(cardinality(orders)) FROM events") == 500)
        }
    }

    /// The statement of docs/operate.md, from the beginning of all.
    private static func manual() throws -> String {
        let text = try String(contentsOf: URL(filePath: #filePath).appending(path: "../../../../docs/operate.md").standardized, encoding: .utf8)
        let start = try #require(text.range(of: "INSERT INTO events"))
        let end = try #require(text.range(of: "```", range: start.lowerBound..<text.endIndex))
        return String(text[start.lowerBound..<end.lowerBound]).replacing("INSTANT", with: "2020-01-01")
    }
}
