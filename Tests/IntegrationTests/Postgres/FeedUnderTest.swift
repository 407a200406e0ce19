import PostgresLedger
import SaleCore
import SaleService

/// A life of orders, and the feed of what happens to them.
struct FeedUnderTest: Sendable {
    let life: LifeUnderTest
    let feed: PostgresFeed
    /// Of the feed's own, and of whoever sends.
    let sessionsForWebhooks: PostgresSessions

    var ledger: LedgerUnderTest { life.ledger }

    init(_ life: LifeUnderTest) {
        self.life = life
        sessionsForWebhooks = PostgresSessions(address: life.ledger.address)
        feed = PostgresFeed(sessions: sessionsForWebhooks)
    }

    /// Waits until nobody holds back what is committed: the server is shared with other tests.
    func settle() async throws {
        try await ledger.wait(until: "SELECT NOT EXISTS (SELECT FROM events WHERE turn >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)")
    }

    /// Everything that is committed.
    func all(after position: EventPosition = .beginning, types: Set<EventType>? = nil, page: Int = 1_000) async throws -> [FeedEvent] {
        try await settle()
        var events: [FeedEvent] = []
        var next = position
        while true {
            let found = try await feed.events(after: next, countMax: page, types: types)
            events += found.events
            next = found.next
            if found.isEnd { return events }
        }
    }

    func prune() async throws -> Int { try await feed.prune(olderThan: .seconds(7 * 86_400), countMax: 1_000) }

    /// `<type> <order's number>`, in the order of the feed.
    func lines(types: Set<EventType>? = nil, page: Int = 1_000) async throws -> [String] {
        try await all(types: types, page: page).map { "\($0.type) \($0.order.map { $0.id.low & 0xFF_FFFF } ?? 0)" }
    }
}

func withFeed(stock: Int64..., limit: Int = 1, _ body: (FeedUnderTest) async throws -> Void) async throws {
    try await withPostgres { url in
        let ledger = try LedgerUnderTest(url: url)
        try await ledger.load(stock: stock, limit: limit)
        try await body(FeedUnderTest(LifeUnderTest(ledger: ledger, life: PostgresOrderLife(address: ledger.address, sessionCount: 4))))
    }
}

extension Set<EventType> {
    static let ofOrders = Set(EventType.all.filter { $0.rawValue.hasPrefix("order.") })
}
