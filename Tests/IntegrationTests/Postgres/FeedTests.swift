import PostgresLedger
import SaleCore
import SaleService
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct FeedTests {
    @Test func everyStepOfAnOrderIsToldOnceAndInItsOrder() async throws {
        try await withFeed(stock: 9) { test in
            let (life, orders) = (test.life, reservations(1..<7))
            try await life.commit(orders)
            #expect(try await life.life.record(life.payment(orders[0], id: "e-1")).order?.state == .paid)
            // The same event again tells nothing.
            _ = try await life.life.record(life.payment(orders[0], id: "e-1"))
            _ = try await life.life.cancel(orders[1].order, by: orders[1].user)
            _ = try await life.life.cancel(orders[1].order, by: orders[1].user)
            _ = try await life.life.record(life.payment(orders[2], id: "e-2", .failed))
            try await life.letPass(orders[3])
            #expect(try await life.life.expire(countMax: 9) == 1)
            _ = try await life.life.record(life.payment(orders[3], id: "e-3"))
            _ = try await life.life.record(life.payment(orders[3], id: "e-4"))
            _ = try await test.ledger.journal().abandon([reservation(8)])
            let events = try await test.all(types: .ofOrders)
            #expect(
                events.map { "\($0.type) \($0.order!.id.low & 0xFF) \($0.cause ?? "-")" } == [
                    "order.committed 1 -", "order.committed 2 -", "order.committed 3 -", "order.committed 4 -", "order.committed 5 -",
                    "order.committed 6 -", "order.paid 1 e-1", "order.cancelled 2 buyer", "order.cancelled 3 payment_failed",
                    "order.expired 4 unpaid", "order.refund_due 4 e-3", "order.rejected 8 abandoned",
                ])
            let first = try #require(events.first)
            #expect(first.order?.user == orders[0].user)
            #expect(first.order?.unitPrice == 399_900)
            #expect(Set(events.map(\.id)).count == events.count)
            #expect(events.map(\.position) == events.map(\.position).sorted())
        }
    }

    @Test func operatorsChangesAreTold() async throws {
        try await withFeed(stock: 9) { test in
            let sku = LedgerUnderTest.phone
            try await test.ledger.make([.setStatus(from: .open, to: .paused)])
            try await test.ledger.make([.setStatus(from: .paused, to: .open), .moveStock(sku, from: 9, to: 12)])
            try await test.ledger.make([.setTitle(from: "Demo", to: "Demo 2"), .setStatus(from: .open, to: .closed)])
            let events = try await test.all()
            #expect(
                events.map { "\($0.type) \($0.sku?.rawValue ?? "-")" } == [
                    "sale.changed -", "stock.changed phone-x", "sale.paused -", "sale.resumed -", "stock.changed phone-x", "sale.changed -",
                    "sale.closed -",
                ])
            #expect(events.allSatisfy { $0.actor == Attribution.test.actor && $0.order == nil && $0.sale == LedgerUnderTest.sale })
            #expect(events[4].cause == "phone-x stock 9 → 12")
        }
    }

    /// Pages of every size give the same events, once each, wherever they are cut.
    @Test(arguments: [1, 2, 3, 7]) func aPageMayEndWithinARow(page: Int) async throws {
        try await withFeed(stock: 99, 99) { test in
            try await test.life.commit(reservations(1..<6))
            try await test.life.commit([reservation(11, sku: LedgerUnderTest.sku(1)), reservation(12), reservation(13, sku: LedgerUnderTest.sku(1))])
            let orders = reservations(1..<3)
            _ = try await test.life.life.record(test.life.payment(orders[0], id: "e-1"))
            let whole = try await test.all()
            #expect(whole.count == 12)
            #expect(try await test.all(page: page) == whole)
            #expect(try await test.all(types: [.orderPaid], page: page) == whole.filter { $0.type == .orderPaid })
            #expect(try await test.all(types: [.saleClosed], page: page).isEmpty)
            for event in whole {
                let rest = try await test.all(after: try #require(EventPosition(event.id)), page: page)
                #expect(rest == Array(whole.drop { $0.position <= event.position }))
            }
        }
    }

    @Test func aBatchThatIsWrittenAnyWayIsToldOnce() async throws {
        try await withFeed(stock: 50, 50, limit: 2) { test in
            let journal = test.ledger.journal()
            // Counts its users; of two items; once more, with a new one; some too many.
            _ = try await journal.commit(reservations(1..<4))
            _ = try await journal.commit([reservation(4), reservation(5, sku: LedgerUnderTest.sku(1))])
            _ = try await journal.commit(reservations(1..<7))
            _ = try await journal.commit(reservations(1..<7))
            _ = try await journal.commit((100..<160).map { reservation($0) })
            let committed = try await test.all(types: [.orderCommitted]).compactMap { $0.order?.id }
            let rejected = try await test.all(types: [.orderRejected]).compactMap { $0.order?.id }
            #expect(Set(committed).count == committed.count)
            #expect(Int64(committed.count) == (try await test.ledger.number("SELECT count(*) FROM orders WHERE state <> 'rejected'")))
            #expect(Int64(rejected.count) == (try await test.ledger.number("SELECT count(*) FROM orders WHERE state = 'rejected'")))
            #expect(rejected.count == 15)
        }
    }

    /// Six writers and one reader that follows: nothing is missed, nothing comes twice, and what
    /// was read once stays as it was.
    @Test func aReaderMissesNothingWhileMuchIsWritten() async throws {
        try await withFeed(stock: 100_000) { test in
            let writers = 6
            let done = Tally()
            let read = try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        let journal = test.ledger.journal()
                        for batch in 0..<60 {
                            let first = writer * 100_000 + batch * 10
                            let orders = reservations(first..<first + 1 + batch % 7)
                            _ = try await journal.commit(orders)
                            if batch % 3 == 0 { _ = try await test.life.life.cancel(orders[0].order, by: orders[0].user) }
                        }
                        done.add()
                    }
                }
                var events: [FeedEvent] = []
                var next = EventPosition.beginning
                while true {
                    let isLast = done.count == writers
                    if isLast { try await test.settle() }
                    let page = try await test.feed.events(after: next, countMax: 17, types: .ofOrders)
                    events += page.events
                    next = page.next
                    if page.isEnd, isLast { break }
                }
                try await group.waitForAll()
                return events
            }
            #expect(read.map(\.position) == read.map(\.position).sorted())
            #expect(Set(read.map(\.id)).count == read.count)
            // An order is read as it is at the moment.
            #expect(read.map(\.position) == (try await test.all(types: .ofOrders).map(\.position)))
            #expect(Int64(read.count { $0.type == .orderCommitted }) == (try await test.ledger.number("SELECT count(*) FROM orders")))
            #expect(read.count { $0.type == .orderCancelled } == writers * 20)
        }
    }

    /// Units change hands so fast that only one order of the events keeps the balance between none
    /// and all.
    @Test func anItemsEventsStandInTheOrderOfTheCommits() async throws {
        try await withFeed(stock: 2) { test in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<5 {
                    group.addTask {
                        let journal = test.ledger.journal()
                        for turn in 0..<80 {
                            let order = reservation(writer * 1_000 + turn)
                            guard case .committed = try await journal.commit([order]).first else { continue }
                            _ = try await test.life.life.cancel(order.order, by: order.user)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let events = try await test.all(types: [.orderCommitted, .orderCancelled])
            #expect(events.count > 100)
            var units = 0
            for event in events {
                units += event.type == .orderCommitted ? 1 : -1
                #expect((0...2).contains(units))
            }
            #expect(units == 0)
            let ledger = try await test.ledger.lines(
                "SELECT CASE WHEN sum(committed) OVER (ORDER BY id) BETWEEN 0 AND 2 THEN 'ok' ELSE 'off' END FROM stock_ledger WHERE kind <> 'load'")
            // A batch enters its units before it locks the item: only releases are in order there.
            #expect(ledger.count == events.count)
        }
    }

    /// The first transaction to write is the last to take its units, and its event comes last.
    @Test func whoLocksTheItemLaterComesLater() async throws {
        try await withFeed(stock: 9) { test in
            let slow = PostgresSession(address: test.ledger.address, profile: .journal)
            try await slow.script("BEGIN; SELECT pg_current_xact_id(); UPDATE sales SET title = 'early'")
            try await test.life.commit([reservation(1)])
            // Nothing may be told behind what is still open.
            #expect(try await test.feed.events(after: .beginning, countMax: 99, types: .ofOrders).events.isEmpty)
            try await slow.perform { (session: isolated PostgresSession) throws(JournalError) in
                try session.script("UPDATE stock SET committed = committed; INSERT INTO events (type, sale_id) VALUES ('test.late', 'demo'); COMMIT")
            }
            #expect(try await test.all().map(\.type.rawValue).suffix(2) == ["order.committed", "test.late"])
        }
    }

    /// While a transaction stays open, what is committed behind it is kept back, and comes when it
    /// ends, however it does.
    @Test(arguments: ["COMMIT", "ROLLBACK"]) func aLongTransactionHoldsTheFeedAndLosesNothing(end: String) async throws {
        try await withFeed(stock: 99) { test in
            try await test.life.commit(reservations(1..<3))
            try await test.settle()
            let before = try await test.feed.events(after: .beginning, countMax: 100, types: nil)
            let holder = PostgresSession(address: test.ledger.address, profile: .catalog)
            try await holder.begin(.readCommitted)
            try await holder.perform { (session: isolated PostgresSession) throws(JournalError) in
                _ = try session.run(Statement("test own", "INSERT INTO events (type, sale_id) VALUES ('test.own', 'demo')"))
            }
            for batch in 1..<5 { try await test.life.commit(reservations(batch * 10..<batch * 10 + 3)) }
            let held = try await test.feed.events(after: before.next, countMax: 100, types: nil)
            #expect(held.events.isEmpty && held.next == before.next && held.isEnd)
            // Nobody is told, and it shows that there is something to tell.
            let first = try #require(try await test.feed.firstEntered(after: before.next, types: nil))
            #expect(first.at <= first.readAt)
            #expect(try await test.feed.firstEntered(after: before.next, types: [.orderCommitted, .orderPaid])?.at == first.at)
            #expect(try await test.feed.firstEntered(after: before.next, types: [.orderPaid]) == nil)
            if end == "COMMIT" { try await holder.commit() } else { await holder.rollback() }
            try await test.settle()
            let after = try await test.feed.events(after: before.next, countMax: 100, types: nil)
            #expect(after.events.count == (end == "COMMIT" ? 13 : 12))
            #expect(Set(after.events.compactMap(\.order?.id)).count == 12)
            #expect(try await test.feed.firstEntered(after: after.next, types: nil) == nil)
        }
    }

    @Test func oldEventsGoOnceEveryEndpointIsDone() async throws {
        try await withFeed(stock: 99) { test in
            for batch in 1..<4 { try await test.life.commit(reservations(batch * 10..<batch * 10 + 2)) }
            try await test.ledger.session.script("UPDATE events SET at = now() - interval '8 days' WHERE type = 'order.committed'")
            let webhooks = PostgresWebhooks(sessions: PostgresSessions(address: test.ledger.address))
            let events = try await test.all(types: .ofOrders)
            try await webhooks.name(["shop"])
            #expect(try await test.prune() == 0)
            // The endpoint is in the middle of the second batch.
            #expect(try await webhooks.claim(["shop"], by: "a", for: .seconds(9)) == ["shop": .beginning])
            #expect(try await webhooks.save(WebhookProgress(position: events[2].position), of: "shop", by: "a"))
            _ = try await test.prune()
            #expect(try await test.all(types: .ofOrders).count == 4)
            // One of those that are left is to be sent again.
            var progress = WebhookProgress(position: events[5].position)
            progress.failed = [WebhookFailure(position: events[3].position, attempts: 1, wait: nil, error: "odd")]
            #expect(try await webhooks.save(progress, of: "shop", by: "a"))
            _ = try await test.prune()
            #expect(try await test.all(types: .ofOrders).map(\.id) == events[2...3].map(\.id) + events[4...5].map(\.id))
            #expect(try await webhooks.skip(nil, of: "shop") == 1)
            // The endpoint stands at the last one, which stays.
            #expect(try await test.prune() == 1)
            // Nobody has named it for a week.
            try await test.ledger.session.script("UPDATE webhook_cursors SET named_at = now() - interval '8 days'")
            _ = try await test.prune()
            #expect(try await test.all(types: .ofOrders).isEmpty)
        }
    }
}

private final class Tally: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}
