import SaleCore
import SaleService

/// The ports of one process, each call with its ways.
struct WebhookPorts: EventFeed, WebhookLedger, WebhookTransport {
    let world: WebhookWorld
    let process: SimulatedProcess
    let slot: Int

    var destination: String { world.endpoint.name }

    private func call<Value>(_ effect: () -> Value) async throws(JournalError) -> Value {
        guard await world.way(of: process, slot: slot) else { throw .unavailable(reason: "away") }
        let value = effect()
        guard await world.way(of: process, slot: slot) else { throw .outcomeUnknown(reason: "lost") }
        return value
    }

    func events(after position: EventPosition, countMax: Int, types: Set<EventType>?) async throws(JournalError) -> EventPage {
        try await call { world.feed.page(after: position, countMax: countMax, types: types) }
    }

    func firstEntered(after position: EventPosition, types: Set<EventType>?) async throws(JournalError) -> (at: Timestamp, readAt: Timestamp)? {
        try await call {
            world.feed.firstEntered(after: position, types: types).map {
                (at: Timestamp(milliseconds: $0), readAt: Timestamp(milliseconds: world.scheduler.milliseconds))
            }
        }
    }

    func prune(olderThan age: Duration, countMax: Int) async throws(JournalError) -> Int { 0 }
    func name(_ endpoints: [String]) async throws(JournalError) {}

    func claim(_ endpoints: [String], by holder: String, for lease: Duration) async throws(JournalError) -> [String: EventPosition] {
        try await call { world.claim(by: holder, for: lease).map { [world.endpoint.name: $0] } ?? [:] }
    }

    func letGo(of endpoint: String, by holder: String) async throws(JournalError) {
        try await call { world.letGo(by: holder) }
    }

    func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool {
        try await call { world.save(progress, by: holder) }
    }

    func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]? {
        try await call { world.due(of: holder, countMax: countMax) }
    }

    func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition> {
        try await call { Set(world.webhook.failures.keys.filter { $0 > position }) }
    }

    func stop(_ endpoint: String, because reason: String) async throws(JournalError) {
        try await call { world.stop() }
    }

    func send(_ message: WebhookMessage) async -> WebhookAnswer {
        guard !process.isDead else { return .away("dead") }
        let events = world.events(in: message)
        guard !events.isEmpty else { return .away("nothing to send") }
        world.begins(events, by: process.name)
        let answer = await exchange(events)
        if !process.isDead { world.ends(events, with: answer, by: process.name) }
        return answer
    }

    /// What was taken may be told to nobody.
    private func exchange(_ events: [FeedEvent]) async -> WebhookAnswer {
        guard await world.way(of: process, slot: slot, cuts: true) else { return .away("no connection") }
        let answer = world.answer(events)
        guard await world.way(of: process, slot: slot, cuts: true) else { return .busy("no answer in time", retryAfter: nil) }
        return answer
    }
}
