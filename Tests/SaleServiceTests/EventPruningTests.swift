import Logging
import SaleCore
import Synchronization
import Testing

@testable import SaleService

@Suite(.timeLimit(.minutes(1))) struct EventPruningTests {
    /// Remembers what was asked for; can refuse to know endpoints.
    private final class Stores: EventFeed, WebhookLedger {
        private let asked = Mutex<[String]>([])
        private let isAway: Bool

        init(isAway: Bool = false) {
            self.isAway = isAway
        }

        var calls: [String] { asked.withLock { $0 } }

        func name(_ endpoints: [String]) async throws(JournalError) {
            if isAway { throw .unavailable(reason: "away") }
            asked.withLock { $0.append("name \(endpoints.joined(separator: " "))") }
        }
        func prune(olderThan age: Duration, countMax: Int) async throws(JournalError) -> Int {
            asked.withLock { asked in
                asked.append("prune")
                return asked.count < 4 ? countMax : 0
            }
        }

        func events(after position: EventPosition, countMax: Int, types: Set<EventType>?) async throws(JournalError) -> EventPage {
            EventPage(events: [], next: position, isEnd: true)
        }
        func firstEntered(after position: EventPosition, types: Set<EventType>?) async throws(JournalError) -> (at: Timestamp, readAt: Timestamp)? {
            nil
        }
        func claim(_ endpoints: [String], by holder: String, for lease: Duration) async throws(JournalError) -> [String: EventPosition] { [:] }
        func letGo(of endpoint: String, by holder: String) async throws(JournalError) {}
        func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool { true }
        func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]? { nil }
        func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition> { [] }
        func stop(_ endpoint: String, because reason: String) async throws(JournalError) {}
    }

    private func pruning(_ stores: Stores, _ endpoints: [String]) -> EventPruning {
        EventPruning(
            feed: stores, ledger: stores, endpoints: endpoints, ServiceContext(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    /// A fleet that was down for longer than events are kept would forget what its endpoints have
    /// not had.
    @Test func `endpoints are named before anything is forgotten for them`() async {
        let stores = Stores()
        await pruning(stores, ["shop", "stock"]).prune()
        #expect(stores.calls == ["name shop stock", "prune", "prune", "prune"])
    }

    @Test func `nothing is forgotten while they cannot be named`() async {
        let stores = Stores(isAway: true)
        await pruning(stores, ["shop"]).prune()
        #expect(stores.calls.isEmpty)
    }
}
