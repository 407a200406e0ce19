package import SaleCore

/// An event that an endpoint did not take.
package struct WebhookFailure: Sendable, Equatable {
    package var position: EventPosition
    /// Made so far.
    package var attempts: Int
    /// Until the next attempt; `nil` when nobody makes one any more.
    package var wait: Duration?
    package var error: String

    package init(position: EventPosition, attempts: Int, wait: Duration?, error: String) {
        self.position = position
        self.attempts = attempts
        self.wait = wait
        self.error = error
    }
}

/// What a sender has done since it last said so.
package struct WebhookProgress: Sendable, Equatable {
    /// Nothing up to here needs another look.
    package var position: EventPosition
    package var failed: [WebhookFailure] = []
    /// Failures that were delivered after all.
    package var settled: [EventPosition] = []
    /// Empty while all is well.
    package var lastError = ""

    package init(position: EventPosition) {
        self.position = position
    }
}

/// A failure whose next attempt is due.
package struct WebhookRetry: Sendable, Equatable {
    package var event: FeedEvent
    package var attempts: Int

    package init(event: FeedEvent, attempts: Int) {
        self.event = event
        self.attempts = attempts
    }
}

/// How far each endpoint was served, and by whom.
///
/// An endpoint is held by one node at a time, and again by another once its holder has not said for
/// a while that it is there. No transaction stays open meanwhile: the feed would stand still behind
/// it.
package protocol WebhookLedger: Sendable {
    /// Makes these endpoints known; one that is new begins with the oldest event there is.
    func name(_ endpoints: [String]) async throws(JournalError)

    /// Holds those of `endpoints` that nobody else holds, or holds them for longer.
    ///
    /// - Returns: how far each of those was served.
    func claim(_ endpoints: [String], by holder: String, for lease: Duration) async throws(JournalError) -> [String: EventPosition]

    func letGo(of endpoint: String, by holder: String) async throws(JournalError)

    /// - Returns: `false`, and nothing is kept, when another node holds the endpoint by now, or it
    ///   was stopped.
    func save(_ progress: WebhookProgress, of endpoint: String, by holder: String) async throws(JournalError) -> Bool

    /// - Returns: `nil` when another node holds the endpoint by now, or it was stopped.
    func dueFailures(of endpoint: String, by holder: String, countMax: Int) async throws(JournalError) -> [WebhookRetry]?

    /// Failures behind `position`: of events that the feed tells once more to whoever goes on
    /// there.
    func failures(of endpoint: String, behind position: EventPosition) async throws(JournalError) -> Set<EventPosition>

    /// Nobody serves it any more until an operator says so.
    func stop(_ endpoint: String, because reason: String) async throws(JournalError)
}

/// An endpoint as operators see it.
package struct WebhookState: Sendable, Equatable {
    package var endpoint: String
    package var position: EventPosition
    /// The node that serves it; empty when none does.
    package var holder: String
    package var isStopped: Bool
    package var lastError: String
    /// Since the oldest event that waits for it.
    package var lag: Duration
    package var failuresRetried: Int64
    package var failuresGivenUp: Int64

    package init(
        endpoint: String, position: EventPosition, holder: String, isStopped: Bool, lastError: String, lag: Duration, failuresRetried: Int64,
        failuresGivenUp: Int64
    ) {
        self.endpoint = endpoint
        self.position = position
        self.holder = holder
        self.isStopped = isStopped
        self.lastError = lastError
        self.lag = lag
        self.failuresRetried = failuresRetried
        self.failuresGivenUp = failuresGivenUp
    }
}

/// A failure as operators see it.
package struct WebhookFailureReport: Sendable, Equatable {
    package var position: EventPosition
    package var attempts: Int
    package var isRetried: Bool
    package var failedAt: Timestamp
    package var error: String

    package init(position: EventPosition, attempts: Int, isRetried: Bool, failedAt: Timestamp, error: String) {
        self.position = position
        self.attempts = attempts
        self.isRetried = isRetried
        self.failedAt = failedAt
        self.error = error
    }
}

/// What operators do about webhooks.
package protocol WebhookOperations: Sendable {
    func states() async throws(JournalError) -> [WebhookState]
    func failures(of endpoint: String, countMax: Int) async throws(JournalError) -> [WebhookFailureReport]
    /// All, or the one at `position`, are sent again from the first attempt on.
    ///
    /// - Returns: how many.
    func replay(_ position: EventPosition?, of endpoint: String) async throws(JournalError) -> Int
    /// Forgets all, or the one at `position`.
    func skip(_ position: EventPosition?, of endpoint: String) async throws(JournalError) -> Int
    func stop(_ endpoint: String, because reason: String) async throws(JournalError)
    /// - Returns: `false` when there is no such endpoint.
    func resume(_ endpoint: String) async throws(JournalError) -> Bool
}

extension WebhookOperations {
    /// How many failures `replay` and `skip` would be about: all, or the one at `position`.
    package func failureCount(_ position: EventPosition?, of state: WebhookState) async throws(JournalError) -> Int {
        let count = Int(state.failuresRetried + state.failuresGivenUp)
        guard let position else { return count }
        return try await failures(of: state.endpoint, countMax: count).count { $0.position == position }
    }
}
