import Logging
import SaleCore
import SaleService
import ServiceLifecycle
import Webhooks

/// How events leave: webhooks, and the forgetting of what everybody has.
struct EventsOut: Sendable {
    private let endpoints: [(endpoint: WebhookEndpoint, transport: any WebhookTransport)]

    /// - Throws: `StartError.setting` when the file of the endpoints cannot be used.
    init(_ settings: Settings) throws(StartError) {
        guard let path = settings.webhooksFile else {
            endpoints = []
            return
        }
        do {
            endpoints = try WebhookFile(path: path).endpoints
        } catch {
            throw .setting(SettingsError("SECKILL_WEBHOOKS_FILE (\(path)) \(error); `seckill webhook init` prints a file to start from"))
        }
    }

    /// By the endpoints' names.
    var transports: [String: any WebhookTransport] { Dictionary(uniqueKeysWithValues: endpoints.map { ($0.endpoint.name, $0.transport) }) }

    func services(_ stores: Stores, logger: Logger) -> [any Service] {
        let context = ServiceContext(logger: logger)
        let pruning = EventPruning(feed: stores.feed, ledger: stores.webhooks, endpoints: endpoints.map(\.endpoint.name), context)
        guard !endpoints.isEmpty else { return [pruning] }
        return [pruning, WebhookService(endpoints, feed: stores.feed, ledger: stores.webhooks, holder: NodeName.ofThisProcess, context)]
    }
}
