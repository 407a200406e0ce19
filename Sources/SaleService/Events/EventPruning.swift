import Logging
import ServiceLifecycle

/// Forgets events that are old and that every webhook endpoint is done with. Every node does so;
/// a row that another one forgets at the same time is gone either way.
package struct EventPruning: Service {
    private let feed: any EventFeed
    private let ledger: any WebhookLedger
    private let endpoints: [String]
    private let context: ServiceContext

    /// - Parameter endpoints: those that this node serves, or would.
    package init(feed: any EventFeed, ledger: any WebhookLedger, endpoints: [String], _ context: ServiceContext) {
        self.feed = feed
        self.ledger = ledger
        self.endpoints = endpoints
        self.context = context
    }

    package func run() async throws {
        try await PeriodicService(every: Limits.eventPruneInterval, runtime: context.runtime) { await prune() }.run()
    }

    func prune() async {
        do throws(JournalError) {
            // First: nobody may have named them for longer than events are kept, and they want what
            // is still there.
            if !endpoints.isEmpty { try await ledger.name(endpoints) }
            while try await feed.prune(olderThan: Limits.eventRetention, countMax: Limits.eventsPrunedMax) == Limits.eventsPrunedMax,
                !Task.isCancelled
            {}
        } catch {
            context.logger.debug("old events are left for later", metadata: [LogKey.error: "\(error)"])
        }
    }
}
