package import SaleCore

/// What one reading of the feed found.
package struct EventPage: Sendable, Equatable {
    package var events: [FeedEvent]
    /// From where the next reading goes on. Also moves over events that were not asked for.
    package var next: EventPosition
    /// There was no more when it was read.
    package var isEnd: Bool
    /// By the clock that the events' instants are of; `nil` when nothing was found.
    package var readAt: Timestamp?

    package init(events: [FeedEvent], next: EventPosition, isEnd: Bool, readAt: Timestamp? = nil) {
        self.events = events
        self.next = next
        self.isEnd = isEnd
        self.readAt = readAt
    }
}

/// Everything that happened to orders and sales, each event once, in an order that never changes:
/// per item that of the commits, and an order's `order.committed` before all else of it.
package protocol EventFeed: Sendable {
    /// The events behind `position`, `countMax` at most, of `types` unless `nil`. Those of a
    /// transaction that is still open, and all behind them, are left for later: nothing ever
    /// appears before a position that was told.
    func events(after position: EventPosition, countMax: Int, types: Set<EventType>?) async throws(JournalError) -> EventPage

    /// When the first event behind `position` was entered that is of `types`, unless `nil`, and the
    /// instant at which that was read. Also of events that are not told yet.
    func firstEntered(after position: EventPosition, types: Set<EventType>?) async throws(JournalError) -> (at: Timestamp, readAt: Timestamp)?

    /// Forgets events that are older than `age` and that every webhook endpoint is done with,
    /// `countMax` at most.
    ///
    /// - Returns: how many rows went.
    func prune(olderThan age: Duration, countMax: Int) async throws(JournalError) -> Int
}
