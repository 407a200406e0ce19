import Logging
import Metrics
import ServiceLifecycle
import Synchronization

/// Serves the webhook endpoints that no other node serves. Every node runs it, and none leads: who
/// holds an endpoint stands in Postgres.
package struct WebhookService: Service {
    private let senders: [String: WebhookSender]
    private let ledger: any WebhookLedger
    private let holder: String
    private let context: ServiceContext
    private let held = HeldEndpoints()

    /// - Parameter holder: this node; no other process has the same.
    package init(
        _ endpoints: [(endpoint: WebhookEndpoint, transport: any WebhookTransport)], feed: any EventFeed, ledger: any WebhookLedger, holder: String,
        _ context: ServiceContext
    ) {
        self.ledger = ledger
        self.holder = holder
        self.context = context
        senders = Dictionary(
            uniqueKeysWithValues: endpoints.map { endpoint, transport in
                (
                    endpoint.name,
                    WebhookSender(
                        endpoint: endpoint, transport: transport, feed: feed, ledger: ledger, holder: holder,
                        metrics: WebhookMetrics(endpoint: endpoint.name), context: context)
                )
            })
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                while !Task.isCancelled {
                    for (name, position) in await claim() where held.insert(name) {
                        tasks.addTask { await serve(name, from: position) }
                    }
                    try? await context.runtime.sleep(Limits.webhookClaimInterval)
                }
                tasks.cancelAll()
            }
        }
    }

    private func serve(_ name: String, from position: EventPosition) async {
        await senders[name]?.serve(from: position)
        held.remove(name)
        // Whoever takes it up need not wait until it is clear that we do not.
        if Task.isCancelled { try? await ledger.letGo(of: name, by: holder) }
    }

    private func claim() async -> [String: EventPosition] {
        let names = senders.keys.sorted()
        do throws(JournalError) {
            try await ledger.name(names)
            return try await ledger.claim(names, by: holder, for: Limits.webhookLease)
        } catch {
            context.logger.debug("webhook endpoints not claimed, will try again", metadata: [LogKey.error: "\(error)"])
            return [:]
        }
    }
}

/// The endpoints that this node serves at the moment.
private final class HeldEndpoints: Sendable {
    private let names = Mutex<Set<String>>([])

    /// - Returns: `false` when it is one of them already.
    func insert(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
    func remove(_ name: String) { _ = names.withLock { $0.remove(name) } }
}
