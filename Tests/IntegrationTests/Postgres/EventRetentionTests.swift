import PostgresLedger
import SaleCore
import SaleService
import Testing

/// What is forgotten of the feed, and what is kept for whom.
@Suite(.timeLimit(.minutes(2))) struct EventRetentionTests {
    private func withOldEvents(_ body: (FeedUnderTest, PostgresWebhooks, [FeedEvent]) async throws -> Void) async throws {
        try await withFeed(stock: 99) { test in
            for batch in 1..<9 { try await test.life.commit(reservations(batch * 10..<batch * 10 + 1)) }
            try await test.settle()
            try await test.ledger.session.script("DELETE FROM events WHERE orders IS NULL; UPDATE events SET at = now() - interval '8 days'")
            try await body(test, PostgresWebhooks(sessions: PostgresSessions(address: test.ledger.address)), try await test.all())
        }
    }

    /// Those that are kept for failures stand in front, and are more than one turn forgets.
    @Test func whatIsKeptForAFailureHoldsUpNoOtherEvent() async throws {
        try await withOldEvents { test, webhooks, events in
            try await webhooks.name(["shop"])
            _ = try await webhooks.claim(["shop"], by: "a", for: .seconds(9))
            var progress = WebhookProgress(position: events[7].position)
            progress.failed = events[0..<4].map { WebhookFailure(position: $0.position, attempts: 1, wait: nil, error: "odd") }
            #expect(try await webhooks.save(progress, of: "shop", by: "a"))
            #expect(try await test.feed.prune(olderThan: .seconds(7 * 86_400), countMax: 2) == 2)
            #expect(try await test.all().map(\.id) == (events[0..<4] + events[6..<8]).map(\.id))
            #expect(try await test.feed.prune(olderThan: .seconds(7 * 86_400), countMax: 2) == 1)
            #expect(try await test.all().map(\.id) == (events[0..<4] + events[7..<8]).map(\.id))
        }
    }

    /// However many an endpoint has not had, none of them is read.
    @Test func whatNobodyMayForgetCostsNothing() async throws {
        try await withOldEvents { test, webhooks, events in
            try await test.ledger.session.script(
                """
                INSERT INTO events (turn, sale_id, type, at)
                SELECT 1 + n / 1000, 'demo', 'test.old', now() - interval '9 days' FROM generate_series(1, 20000) AS n; ANALYZE events
                """)
            try await webhooks.name(["shop"])
            let statement = try #require(Statement.all.first { $0.name == "prune_events" })
            try await test.ledger.session.script("PREPARE prune (bigint, bigint) AS \(statement.sql); SET plan_cache_mode = force_generic_plan")
            let plan = try await test.ledger.lines("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE prune (604800000, 1000)").joined(separator: "\n")
            #expect(!plan.contains("Seq Scan on events"), "\(plan)")
            let scan = plan.split(separator: "\n").first { $0.contains("Index Scan using events_pkey on events events_1") }
            #expect(scan?.contains("rows=0") == true, "\(plan)")
            #expect(!plan.contains("Rows Removed by Filter"), "\(plan)")
        }
    }

    /// A node that has the endpoint in its file says so all the time; a stopped one's events are
    /// kept as long as that, and for the stated time after.
    @Test func anEndpointKeepsItsEventsWhileTheFileNamesIt() async throws {
        try await withOldEvents { test, webhooks, events in
            try await webhooks.name(["shop"])
            try await webhooks.stop("shop", because: "an operator")
            try await test.ledger.session.script("UPDATE webhook_cursors SET named_at = now() - interval '8 days'")
            try await webhooks.name(["shop"])
            #expect(try await test.prune() == 0)
            #expect(try await test.ledger.number("SELECT count(*) FROM webhook_cursors WHERE named_at > now() - interval '1 minute'") == 1)
            // The file names it no more.
            try await test.ledger.session.script("UPDATE webhook_cursors SET named_at = now() - interval '6 days 23 hours'")
            #expect(try await test.prune() == 0)
            try await test.ledger.session.script("UPDATE webhook_cursors SET named_at = now() - interval '7 days 1 hour'")
            #expect(try await test.prune() == events.count)
        }
    }
}
