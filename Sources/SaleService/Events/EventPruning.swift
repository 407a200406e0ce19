import Logging
import ServiceLifecycle

/// Forgets events that are old and that every webhook endpoint is done with. Every node does so;
/// a row that another one forgets at the same time is gone either way.
package struct EventPruning: Service {
    private let feed: any EventFeed
    private let context: ServiceContext

    package init(feed: any EventFeed, _ context: ServiceContext) {
        self.feed = feed
        self.context = context
    }

    package func run() async throws {
        try await PeriodicService(every: Limits.eventPruneInterval, runtime: context.runtime) { await prune() }.run()
    }

    func prune() async {
        do throws(JournalError) {
            while try await feed.prune(olderThan: Limits.eventRetention, countMax: Limits.eventsPrunedMax) == Limits.eventsPrunedMax,
                !Task.isCancelled
            {}
        } catch {
            context.logger.debug("old events are left for later", metadata: [LogKey.error: "\(error)"])
        }
    }
}
