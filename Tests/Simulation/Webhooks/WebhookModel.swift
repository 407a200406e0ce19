import SaleCore
import SaleService

/// What Postgres remembers of one endpoint, as the statements change it.
struct WebhookModel {
    struct Failure {
        var attempts: Int
        /// Never when `nil`.
        var dueAt: MonotonicInstant?
    }

    private(set) var position = EventPosition.beginning
    private(set) var failures: [EventPosition: Failure] = [:]
    private(set) var isStopped = false
    private var holder = ""
    private var heldUntil = MonotonicInstant.earliest
    private let flaws: Set<WebhookWorld.Flaw>

    init(flaws: Set<WebhookWorld.Flaw>) {
        self.flaws = flaws
    }

    /// Failures that somebody still tries.
    var retried: [EventPosition] { failures.filter { $0.value.dueAt != nil }.map(\.key) }

    private var isClosed: Bool { isStopped && !flaws.contains(.forgetsStops) }

    mutating func claim(by node: String, for lease: Duration, at now: MonotonicInstant) -> EventPosition? {
        guard !isClosed, holder == node || heldUntil < now else { return nil }
        (holder, heldUntil) = (node, now.advanced(by: lease.nanoseconds))
        return position
    }

    mutating func letGo(by node: String) {
        if holder == node { (holder, heldUntil) = ("", .earliest) }
    }

    mutating func save(_ progress: WebhookProgress, by node: String, at now: MonotonicInstant) -> Bool {
        guard holder == node, !isClosed, position <= progress.position else { return false }
        position = progress.position
        guard !flaws.contains(.forgetsFailures) else { return true }
        for failure in progress.failed {
            failures[failure.position] = Failure(attempts: failure.attempts, dueAt: failure.wait.map { now.advanced(by: $0.nanoseconds) })
        }
        for position in progress.settled { failures[position] = nil }
        return true
    }

    /// Positions and attempts, those that are due for longest first.
    func due(of node: String, countMax: Int, at now: MonotonicInstant) -> [(EventPosition, attempts: Int)]? {
        guard holder == node, !isClosed else { return nil }
        let due = failures.compactMap { position, failure in failure.dueAt.map { (dueAt: $0, position, failure.attempts) } }
        return due.filter { $0.dueAt <= now }.sorted { ($0.dueAt, $0.1) < ($1.dueAt, $1.1) }.prefix(countMax).map { ($0.1, $0.2) }
    }

    mutating func stop() { isStopped = true }
    mutating func resume() { isStopped = false }
}
