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
    private let held: HeldEndpoints

    /// - Parameter holder: this node; no other process has the same.
    package init(
        _ endpoints: [(endpoint: WebhookEndpoint, transport: any WebhookTransport)], feed: any EventFeed, ledger: any WebhookLedger, holder: String,
        _ context: ServiceContext
    ) {
        self.ledger = ledger
        self.holder = holder
        self.context = context
        let held = HeldEndpoints()
        self.held = held
        senders = Dictionary(
            uniqueKeysWithValues: endpoints.map { endpoint, transport in
                (
                    endpoint.name,
                    WebhookSender(
                        endpoint: endpoint, transport: transport, feed: feed, ledger: ledger, holder: holder,
                        metrics: WebhookMetrics(endpoint: endpoint.name), context: context, isHeld: { held.isHeld(endpoint.name) })
                )
            })
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await serveUntilCancelled() }
    }

    /// As `run`, for whoever does not ask the service's lifecycle when to end.
    package func serveUntilCancelled() async {
        await withDiscardingTaskGroup { tasks in
            while !Task.isCancelled {
                if let claimed = await claim() {
                    for name in held.claimed(Set(claimed.keys)) {
                        tasks.addTask { if let position = claimed[name] { await serve(name, from: position) } }
                    }
                }
                try? await context.runtime.sleep(Limits.webhookClaimInterval)
            }
            tasks.cancelAll()
        }
    }

    private func serve(_ name: String, from position: EventPosition) async {
        await senders[name]?.serve(from: position)
        held.ended(name)
        // Whoever takes it up need not wait until it is clear that we do not.
        if Task.isCancelled { try? await ledger.letGo(of: name, by: holder) }
    }

    /// - Returns: the endpoints that this node holds, and how far each was served; `nil` when that
    ///   is not known.
    private func claim() async -> [String: EventPosition]? {
        let names = senders.keys.sorted()
        do throws(JournalError) {
            try await ledger.name(names)
            return try await ledger.claim(names, by: holder, for: Limits.webhookLease)
        } catch {
            context.logger.debug("webhook endpoints not claimed, will try again", metadata: [LogKey.error: "\(error)"])
            return nil
        }
    }
}

/// The endpoints that this node holds, and those that it serves at the moment.
private final class HeldEndpoints: Sendable {
    private struct Names {
        var held: Set<String> = []
        var served: Set<String> = []
    }

    private let names = Mutex(Names())

    /// These are held now, and no others: one that was stopped, or that another node took, ends.
    ///
    /// - Returns: those of them that nobody serves here yet, who does so from now on.
    func claimed(_ claimed: Set<String>) -> [String] {
        names.withLock { names in
            names.held = claimed
            let new = claimed.subtracting(names.served)
            names.served.formUnion(new)
            return new.sorted()
        }
    }

    func isHeld(_ name: String) -> Bool { names.withLock { $0.held.contains(name) } }
    func ended(_ name: String) { names.withLock { _ = $0.served.remove(name) } }
}
