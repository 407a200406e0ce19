import Logging
import SaleCore
import Synchronization

@testable import SaleService
@testable import Simulation

/// One sender of webhooks on virtual time, with a feed, a ledger and a receiver in memory.
final class SenderBed {
    let bed = TestBed()
    let feed: MemoryFeed
    let ledger: MemoryWebhooks
    let log = MessageLog()
    let isHeld = Flag(true)

    init() {
        let scheduler = bed.scheduler
        feed = MemoryFeed(now: { scheduler.now })
        ledger = MemoryWebhooks(feed: feed, now: { scheduler.now })
    }

    /// Events `numbers`, each of an order of its own.
    func tell(_ numbers: ClosedRange<Int64>) {
        for number in numbers { feed.add(.test(number, order: UInt64(number))) }
    }

    func serve(_ endpoint: WebhookEndpoint, to receiver: MemoryReceiver) {
        let context = ServiceContext(runtime: bed.context.runtime, logger: log.logger)
        let sender = WebhookSender(
            endpoint: endpoint, transport: receiver, feed: feed, ledger: ledger, holder: "a", metrics: WebhookMetrics(endpoint: "shop"),
            context: context, isHeld: { [isHeld] in isHeld.isSet })
        bed.process.spawn { [ledger] in
            await sender.serve(from: ledger.position)
            ledger.ended()
        }
    }

    func pass(seconds: UInt64) { bed.pass(milliseconds: seconds * 1_000) }
}

extension FeedEvent {
    /// The first part of a row of its own.
    static func test(_ number: Int64, order: UInt64?, type: EventType = .orderPaid) -> FeedEvent {
        let at = Timestamp(milliseconds: 1)
        let order = order.map {
            Order(
                id: OrderID(high: 1, low: $0), sale: SaleID("demo")!, sku: SKU("x")!, user: UserID("ann")!, quantity: 1, unitPrice: 1,
                currency: Currency("CNY")!, state: .paid, createdAt: at, payBy: at)
        }
        return FeedEvent(
            position: EventPosition(turn: number, row: 1, part: 1), type: type, at: at, sale: SaleID("demo")!, sku: nil, order: order, cause: nil,
            actor: nil)
    }
}

/// Whole pages of what a test tells.
final class MemoryFeed: EventFeed {
    private struct State {
        var events: [FeedEvent] = []
        var pages: [Int] = []
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> MonotonicInstant

    init(now: @escaping @Sendable () -> MonotonicInstant = monotonicNow) {
        self.now = now
    }

    /// How much was asked for each time.
    var pages: [Int] { state.withLock { $0.pages } }

    func add(_ event: FeedEvent) { state.withLock { $0.events.append(event) } }

    func event(at position: EventPosition) -> FeedEvent? { state.withLock { $0.events.first { $0.position == position } } }

    func events(after position: EventPosition, countMax: Int, types: Set<EventType>?) async throws(JournalError) -> EventPage {
        let found = state.withLock { state in
            state.pages.append(countMax)
            return Array(state.events.drop { $0.position <= position }.prefix(countMax))
        }
        return EventPage(
            events: found.filter { types?.contains($0.type) ?? true }, next: found.last?.position ?? position, isEnd: found.count < countMax)
    }

    func firstEntered(after position: EventPosition, types: Set<EventType>?) async throws(JournalError) -> (at: Timestamp, readAt: Timestamp)? { nil }

    func prune(olderThan age: Duration, countMax: Int) async throws(JournalError) -> Int { 0 }
}

/// How far one endpoint was served.
final class MemoryWebhooks: WebhookLedger {
    struct Failure: Equatable {
        var attempts: Int
        /// Never when `nil`.
        var dueAt: MonotonicInstant?
        var error = ""
    }

    private struct State {
        var position = EventPosition.beginning
        var failures: [EventPosition: Failure] = [:]
        var isStopped = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let feed: MemoryFeed
    private let now: @Sendable () -> MonotonicInstant

    init(feed: MemoryFeed, now: @escaping @Sendable () -> MonotonicInstant) {
        self.feed = feed
        self.now = now
    }

    var position: EventPosition { state.withLock { $0.position } }
    /// By the turn of their event.
    var failures: [Int64: Failure] { state.withLock { Dictionary(uniqueKeysWithValues: $0.failures.map { ($0.turn, $1) }) } }
    /// Nobody serves it any more.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func ended() { state.withLock { $0.hasEnded = true } }
    func fail(_ number: Int64, dueAt: MonotonicInstant) {
        state.withLock { $0.failures[EventPosition(turn: number, row: 1, part: 1)] = Failure(attempts: 1, dueAt: dueAt) }
    }

    func name(_ endpoints: [String]) async throws(JournalError) {}
    func claim(_ endpoints: [String], by holder: String, for lease: Duration) async throws(JournalError) -> [String: EventPosition] { [:] }
    func letGo(of endpoint: String, by holder: String) async throws(JournalError) {}

    func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool {
        state.withLock { state in
            guard !state.isStopped, state.position <= progress.position else { return false }
            state.position = progress.position
            for failure in progress.failed {
                state.failures[failure.position] = Failure(
                    attempts: failure.attempts, dueAt: failure.wait.map { now().advanced(by: $0.nanoseconds) }, error: failure.error)
            }
            for position in progress.settled { state.failures[position] = nil }
            return true
        }
    }

    func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            let due = state.failures.filter { $0.value.dueAt.map { $0 <= now() } ?? false }.sorted { $0.key < $1.key }
            return due.prefix(countMax).compactMap { position, failure in
                feed.event(at: position).map { WebhookRetry(event: $0, attempts: failure.attempts) }
            }
        }
    }

    func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition> {
        state.withLock { Set($0.failures.keys.filter { $0 > position }) }
    }

    func stop(_ endpoint: String, because reason: String) async throws(JournalError) { stop() }
    func stop() { state.withLock { $0.isStopped = true } }
}

/// What a test says while others look.
final class Flag: Sendable {
    private let state: Mutex<Bool>

    init(_ isSet: Bool = false) {
        state = Mutex(isSet)
    }

    var isSet: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Answers as a test says, and remembers what it was sent.
final class MemoryReceiver: WebhookTransport {
    private struct State {
        var sent: [WebhookMessage] = []
        var taken: [String] = []
    }

    private let state = Mutex(State())
    let destination = "here"
    private let pace: (runtime: Runtime, pause: Duration)?
    private let answer: @Sendable (WebhookMessage) -> WebhookAnswer

    /// - Parameter pace: how long it takes to answer.
    init(
        pace: (runtime: Runtime, pause: Duration)? = nil, _ answer: @escaping @Sendable (WebhookMessage) -> WebhookAnswer = { _ in .taken }
    ) {
        self.pace = pace
        self.answer = answer
    }

    /// Ids of events, each as often as it was sent, or taken.
    var sent: [String] { state.withLock { $0.sent.map(\.id) } }
    var taken: [String] { state.withLock { $0.taken } }

    func send(_ message: WebhookMessage) async -> WebhookAnswer {
        if let pace { try? await pace.runtime.sleep(pace.pause) }
        let answer = answer(message)
        state.withLock { state in
            state.sent.append(message)
            if answer == .taken { state.taken.append(message.id) }
        }
        return answer
    }
}

/// What was logged at a level and above.
final class MessageLog: Sendable {
    private let level: Logger.Level
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { [level] _ in Handler(log: self, logLevel: level) } }

    init(_ level: Logger.Level = .warning) {
        self.level = level
    }

    private struct Handler: LogHandler {
        let log: MessageLog
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            log.kept.withLock { $0.append(([event.message.description] + fields).joined(separator: " ")) }
        }
    }
}
