import SaleCore

/// Reads the feed for those who wait for what comes.
package struct EventReading: Sendable {
    private let feed: any EventFeed
    private let runtime: Runtime
    private let isDraining: @Sendable () -> Bool

    /// - Parameter isDraining: the node stops: nobody is to wait any longer.
    package init(feed: any EventFeed, runtime: Runtime = .system, isDraining: @escaping @Sendable () -> Bool = { false }) {
        self.feed = feed
        self.runtime = runtime
        self.isDraining = isDraining
    }

    /// The events behind `position`, `limit` at most, of `types` unless `nil`. While there is none,
    /// waits for the first, `wait` at most.
    ///
    /// - Throws: `JournalError`; `CancellationError` when the task is cancelled while it waits.
    package func events(
        after position: EventPosition = .beginning, limit: Int, types: Set<EventType>? = nil, wait: Duration = .zero
    ) async throws -> EventPage {
        let deadline = runtime.now().advanced(by: wait.nanoseconds)
        var page = EventPage(events: [], next: position, isEnd: false)
        while true {
            // A whole page, whatever is wanted: what is not of `types` counts as well.
            let found = try await feed.events(after: page.next, countMax: Limits.eventsPageMax, types: types)
            let kept = found.events.prefix(limit - page.events.count)
            let isCut = kept.count < found.events.count
            page = EventPage(
                events: page.events + kept, next: isCut ? kept.last?.position ?? page.next : found.next, isEnd: found.isEnd && !isCut,
                readAt: found.readAt ?? page.readAt)
            if page.events.count >= limit { return page }
            let now = runtime.now()
            guard page.isEnd else {
                // Who asks for few among many goes on from where the time was over.
                if isDraining() || now >= deadline.advanced(by: Limits.eventSearchNanoseconds) { return page }
                continue
            }
            guard page.events.isEmpty, now < deadline, !isDraining() else { return page }
            try await runtime.sleep(min(.nanoseconds(Int64(now.duration(to: deadline))), Limits.eventPollInterval))
        }
    }
}
