import Logging
import PostgresLedger
import SaleCore
import SaleService
import ServiceLifecycle
import Synchronization
import Testing

/// Webhooks out of a real Postgres, to receivers that do as they please.
@Suite(.timeLimit(.minutes(2))) struct WebhookDeliveryTests {
    private static let quick: [Duration] = [.milliseconds(50), .milliseconds(50), .milliseconds(100), .milliseconds(100), .milliseconds(100)]

    private func endpoint(_ change: (inout WebhookEndpoint) -> Void = { _ in }) -> WebhookEndpoint {
        var endpoint = WebhookEndpoint(name: "shop", types: .ofOrders, inFlight: 8, retries: Self.quick)
        change(&endpoint)
        return endpoint
    }

    /// Runs a node that sends to `receiver` while `body` runs, and then kills or stops it.
    private func withSender<Value: Sendable>(
        _ test: FeedUnderTest, to receiver: any WebhookTransport, _ endpoint: WebhookEndpoint, as holder: String = "a",
        _ body: () async throws -> Value
    ) async throws -> Value {
        let webhooks = PostgresWebhooks(sessions: test.sessionsForWebhooks)
        let service = WebhookService(
            [(endpoint, receiver)], feed: test.feed, ledger: webhooks, holder: holder, ServiceContext(logger: .quiet))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let value = try await body()
            group.cancelAll()
            return value
        }
    }

    private func wait(until condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }

    private func ids(_ test: FeedUnderTest) async throws -> Set<String> { Set(try await test.all(types: .ofOrders).map(\.id)) }

    @Test func everyEventArrivesOnceWhileAllIsWell() async throws {
        try await withFeed(stock: 999) { test in
            let receiver = ScriptedReceiver()
            try await test.life.commit(reservations(1..<40))
            try await withSender(test, to: receiver, endpoint()) {
                try await test.life.commit(reservations(100..<140))
                for order in reservations(1..<10) { _ = try await test.life.life.cancel(order.order, by: order.user) }
                try await wait { receiver.taken.count >= 88 }
                // Time for what must not come.
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(receiver.taken.count == 88)
            #expect(Set(receiver.taken) == (try await ids(test)))
            #expect(receiver.overlaps == 0)
            #expect(receiver.mostAtOnce <= 8)
        }
    }

    /// A fifth is refused, a fifth is doubtful, a fifth comes too late to be known of.
    @Test func whatFailsAtRandomArrivesAllTheSame() async throws {
        try await withFeed(stock: 999) { test in
            let receiver = ScriptedReceiver { id, attempt in
                try? await Task.sleep(for: .milliseconds(Int64.random(in: 0...5)))
                switch (id.utf8.reduce(0) { $0 &+ Int($1) } + attempt) % 5 {
                case 0: return .refused("answered 500")
                case 1: return .busy("answered 502", retryAfter: nil)
                case 2 where attempt == 1: return .busy("answered 429", retryAfter: .milliseconds(20))
                default: return .taken
                }
            }
            try await withSender(test, to: receiver, endpoint()) {
                for batch in 0..<10 {
                    let orders = reservations(batch * 10..<batch * 10 + 5)
                    try await test.life.commit(orders)
                    _ = try await test.life.life.cancel(orders[0].order, by: orders[0].user)
                }
                let expected = try await ids(test)
                try await wait { Set(receiver.taken) == expected }
                try await wait { try await test.ledger.number("SELECT count(*) FROM webhook_failures") == 0 }
            }
            #expect(receiver.overlaps == 0)
        }
    }

    /// The receiver is away for a while: nothing is given up, and the cursor stays.
    @Test func aReceiverThatIsAwayIsWaitedFor() async throws {
        try await withFeed(stock: 99) { test in
            let away = Away()
            let receiver = ScriptedReceiver { _, _ in away.isAway ? .away("no connection") : .taken }
            try await test.life.commit(reservations(1..<20))
            try await withSender(test, to: receiver, endpoint()) {
                try await wait { receiver.sent.count > 12 }
                #expect(receiver.taken.isEmpty)
                #expect(try await test.ledger.number("SELECT count(*) FROM webhook_failures") == 0)
                #expect(try await test.ledger.lines("SELECT last_error FROM webhook_cursors") == ["no connection"])
                away.isAway = false
                try await wait { receiver.taken.count == 19 }
            }
            #expect(Set(receiver.taken) == (try await ids(test)))
        }
    }

    /// An event that is never taken holds up no other, is given up in the end, and is sent again
    /// when an operator says so.
    @Test func whatIsNeverTakenIsGivenUpAndReplayed() async throws {
        try await withFeed(stock: 99) { test in
            try await test.life.commit(reservations(1..<6))
            let poison = try #require(try await test.all(types: .ofOrders).dropFirst(2).first).id
            let away = Away()
            let receiver = ScriptedReceiver { id, _ in id == poison && away.isAway ? .refused("answered 422") : .taken }
            let operations = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await withSender(test, to: receiver, endpoint()) {
                try await wait { try await operations.states().first?.failuresGivenUp == 1 }
                #expect(receiver.sent.count { $0 == poison } == 6)
                #expect(receiver.taken.count == 4)
                let failure = try #require(try await operations.failures(of: "shop", countMax: 9).first)
                #expect(failure.position.eventID == poison && failure.attempts == 6 && !failure.isRetried && failure.error == "answered 422")
                away.isAway = false
                #expect(try await operations.replay(nil, of: "shop") == 1)
                try await wait { receiver.taken.contains(poison) }
                try await wait { try await operations.failures(of: "shop", countMax: 9).isEmpty }
            }
            #expect(receiver.taken.count == 5)
        }
    }

    /// One event makes the receiver hang every time.
    @Test func whatHangsTheReceiverIsPutAside() async throws {
        try await withFeed(stock: 99) { test in
            try await test.life.commit(reservations(1..<6))
            let poison = try #require(try await test.all(types: .ofOrders).first).id
            let receiver = ScriptedReceiver { id, _ in id == poison ? .busy("no answer", retryAfter: nil) : .taken }
            try await withSender(test, to: receiver, endpoint { $0.inFlight = 1 }) {
                try await wait { receiver.taken.count == 4 }
                try await wait { try await test.ledger.number("SELECT count(*) FROM webhook_failures") == 1 }
            }
        }
    }

    @Test func anEndpointThatIsGoneGetsNothingUntilItIsResumed() async throws {
        try await withFeed(stock: 99) { test in
            let away = Away()
            let receiver = ScriptedReceiver { _, _ in away.isAway ? .gone : .taken }
            let operations = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await test.life.commit(reservations(1..<6))
            try await withSender(test, to: receiver, endpoint { $0.inFlight = 1 }) {
                try await wait { try await operations.states().first?.isStopped == true }
                try await Task.sleep(for: .milliseconds(3_500))
                #expect(receiver.sent.count == 1)
                away.isAway = false
                #expect(try await operations.resume("shop"))
                try await wait { receiver.taken.count == 5 }
            }
        }
    }

    /// A node is killed after it sent and before it remembered: another one sends again, under the
    /// same ids, and nothing is missing.
    @Test func aNodeThatDiesLeavesNothingBehind() async throws {
        try await withFeed(stock: 999) { test in
            let receiver = ScriptedReceiver()
            let ledger = ForgetfulLedger(PostgresWebhooks(sessions: test.sessionsForWebhooks))
            try await test.life.commit(reservations(1..<30))
            let dying = WebhookService(
                [(endpoint(), receiver)], feed: test.feed, ledger: ledger, holder: "dying", ServiceContext(logger: .quiet))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await dying.run() }
                try await wait { receiver.taken.count >= 29 }
                group.cancelAll()
            }
            #expect(try await test.ledger.number("SELECT coalesce(max(turn), 0) FROM webhook_cursors") == 0)
            try await test.ledger.session.script("UPDATE webhook_cursors SET held_until = now()")
            try await withSender(test, to: receiver, endpoint(), as: "b") {
                try await wait { receiver.taken.count >= 58 }
            }
            #expect(Set(receiver.taken) == (try await ids(test)))
        }
    }

    /// Two nodes with the same file: one sends, and when it stops the other goes on.
    @Test func ofTwoNodesOneSends() async throws {
        try await withFeed(stock: 999) { test in
            let receivers = [ScriptedReceiver(), ScriptedReceiver()]
            try await withSender(test, to: receivers[0], endpoint(), as: "a") {
                try await test.life.commit(reservations(1..<10))
                try await wait { receivers[0].taken.count == 9 }
                try await withSender(test, to: receivers[1], endpoint(), as: "b") {
                    try await test.life.commit(reservations(20..<40))
                    try await wait { receivers[0].taken.count == 29 }
                    #expect(receivers[1].sent.isEmpty)
                }
            }
            try await withSender(test, to: receivers[1], endpoint(), as: "b") {
                try await test.life.commit(reservations(50..<60))
                try await wait { receivers[1].taken.count == 10 }
            }
            #expect(Set(receivers[0].taken + receivers[1].taken) == (try await ids(test)))
            #expect(receivers[0].taken.count + receivers[1].taken.count == 39)
        }
    }

    /// A node that stood still for longer than its lease must not move the cursor of its successor.
    @Test func whoLostTheEndpointSavesNothing() async throws {
        try await withFeed(stock: 9) { test in
            let webhooks = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await webhooks.name(["shop"])
            #expect(try await webhooks.claim(["shop"], by: "a", for: .milliseconds(1)).count == 1)
            try await Task.sleep(for: .milliseconds(20))
            #expect(try await webhooks.claim(["shop"], by: "b", for: .seconds(9)).count == 1)
            #expect(try await webhooks.claim(["shop"], by: "a", for: .seconds(9)).isEmpty)
            var progress = WebhookProgress(position: EventPosition(turn: 5, row: 5, part: 1))
            progress.failed = [WebhookFailure(position: EventPosition(turn: 4, row: 4, part: 1), attempts: 1, wait: nil, error: "x")]
            #expect(try await webhooks.save(progress, of: "shop", by: "a") == false)
            #expect(try await webhooks.states().first?.failuresGivenUp == 0)
            #expect(try await webhooks.save(progress, of: "shop", by: "b"))
        }
    }

    /// Two turns of one sender may be saved in the wrong order, where an answer of Postgres is
    /// lost.
    @Test func aSavedCursorNeverGoesBack() async throws {
        try await withFeed(stock: 9) { test in
            let webhooks = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await webhooks.name(["shop"])
            #expect(try await webhooks.claim(["shop"], by: "a", for: .seconds(9)) == ["shop": .beginning])
            let places = [(5, 5, 2), (5, 5, 1), (5, 4, 9), (4, 9, 9), (5, 5, 2), (5, 6, 1)].map { EventPosition(turn: $0, row: $1, part: $2) }
            var saved: [Bool] = []
            for place in places { saved.append(try await webhooks.save(WebhookProgress(position: place), of: "shop", by: "a")) }
            #expect(saved == [true, false, false, false, true, true])
            #expect(try await webhooks.states().first?.position == places.last)
        }
    }

    /// What a node asks before each turn, and what it takes over.
    @Test func whoMayNotServeHearsSoAndWhoTakesOverHearsOfFailures() async throws {
        try await withFeed(stock: 9) { test in
            let webhooks = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await test.life.commit(reservations(1..<4))
            let events = try await test.all(types: .ofOrders)
            #expect(try await webhooks.dueFailures(of: "shop", by: "a", countMax: 9) == nil)
            try await webhooks.name(["shop"])
            _ = try await webhooks.claim(["shop"], by: "a", for: .seconds(9))
            #expect(try await webhooks.dueFailures(of: "shop", by: "a", countMax: 9) == [])
            #expect(try await webhooks.dueFailures(of: "shop", by: "b", countMax: 9) == nil)
            var progress = WebhookProgress(position: events[0].position)
            progress.failed = [(0, Duration.zero), (1, .zero), (2, .seconds(60))].map {
                WebhookFailure(position: events[$0].position, attempts: 2, wait: $1, error: "odd")
            }
            #expect(try await webhooks.save(progress, of: "shop", by: "a"))
            let due = try await webhooks.dueFailures(of: "shop", by: "a", countMax: 9)
            #expect(due?.map(\.event.position) == events.prefix(2).map(\.position) && due?.first?.attempts == 2)
            #expect(try await webhooks.failures(of: "shop", behind: events[0].position) == Set(events.dropFirst().map(\.position)))
            #expect(try await webhooks.failures(of: "stock", behind: .beginning).isEmpty)
            try await webhooks.stop("shop", because: "an operator")
            #expect(try await webhooks.dueFailures(of: "shop", by: "a", countMax: 9) == nil)
        }
    }

    /// An operator stops it and resumes it: within a claim or two, and nothing is sent in between.
    @Test func aStoppedEndpointGetsNothingUntilItIsResumed() async throws {
        try await withFeed(stock: 99) { test in
            let receiver = ScriptedReceiver()
            let operations = PostgresWebhooks(sessions: test.sessionsForWebhooks)
            try await test.life.commit(reservations(1..<3))
            try await withSender(test, to: receiver, endpoint()) {
                try await wait { receiver.taken.count == 2 }
                try await operations.stop("shop", because: "an operator")
                try await test.life.commit(reservations(3..<6))
                try await test.settle()
                try await Task.sleep(for: .milliseconds(600))
                #expect(receiver.sent.count == 2)
                #expect(try await operations.resume("shop"))
                try await wait { receiver.taken.count == 5 }
            }
        }
    }

    @Test func aBatchTakesSeveralEventsInOneRequest() async throws {
        try await withFeed(stock: 999) { test in
            try await test.life.commit(reservations(1..<31))
            let receiver = ScriptedReceiver()
            try await withSender(test, to: receiver, endpoint { ($0.batch, $0.inFlight) = (10, 2) }) {
                try await wait { try await test.ledger.number("SELECT coalesce(max(turn), 0) FROM webhook_cursors") > 0 }
            }
            #expect(receiver.sent.count == 3)
        }
    }
}

/// Where a test says whether somebody is away.
private final class Away: Sendable {
    private let state = Mutex(true)
    var isAway: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Forgets how far its node got, as if the node died before it could say so.
private struct ForgetfulLedger: WebhookLedger {
    private let base: PostgresWebhooks

    init(_ base: PostgresWebhooks) {
        self.base = base
    }

    func name(_ endpoints: [String]) async throws(JournalError) { try await base.name(endpoints) }
    func claim(_ endpoints: [String], by holder: String, for lease: Duration) async throws(JournalError) -> [String: EventPosition] {
        try await base.claim(endpoints, by: holder, for: lease)
    }
    func letGo(of endpoint: String, by holder: String) async throws(JournalError) {}
    func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool { true }
    func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]? { [] }
    func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition> { [] }
    func stop(_ endpoint: String, because reason: String) async throws(JournalError) {}
}
