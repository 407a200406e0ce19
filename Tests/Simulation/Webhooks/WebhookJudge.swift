import SaleCore
import SaleService

/// Knows what was sent and what came of it, and holds the senders to their promises.
struct WebhookJudge {
    private let endpoint: WebhookEndpoint
    private(set) var violations: [String] = []
    private(set) var requestCount = 0
    private var sendings: [EventPosition: Int] = [:]
    private var taken: Set<EventPosition> = []
    private var refused: Set<EventPosition> = []
    private var delays: [EventPosition: Int] = [:]
    /// What the receiver said against each, of all that a node heard.
    private var objections: [EventPosition: Int] = [:]
    /// How often it was not there for each, of all that a node heard.
    private var absences: [EventPosition: Int] = [:]
    /// By the node that sends them.
    private var underWay: [String: [OrderID: Int]] = [:]
    private var requestsUnderWay: [String: Int] = [:]

    init(of endpoint: WebhookEndpoint) {
        self.endpoint = endpoint
    }

    mutating func object(_ text: String) { violations.append(text) }

    // MARK: Requests

    /// - Parameter told: what a reader of the feed may know.
    mutating func begins(_ events: [FeedEvent], by node: String, told: some Sequence<FeedEvent>) {
        requestCount += 1
        requestsUnderWay[node, default: 0] += 1
        if requestsUnderWay[node] ?? 0 > endpoint.inFlight { object("\(node) has more than \(endpoint.inFlight) requests under way") }
        if !(1...endpoint.batch).contains(events.count) { object("\(node) sends \(events.count) events at once") }
        for (index, event) in events.enumerated() {
            if !endpoint.wants(event) { object("\(event.id) is not of the endpoint's types") }
            if sendings[event.position] == nil { judgeOrder(of: event, behind: events.prefix(index), by: node, told: told) }
            sendings[event.position, default: 0] += 1
        }
        for order in Set(events.compactMap { $0.order?.id }) {
            underWay[node, default: [:]][order, default: 0] += 1
            if underWay[node]?[order] ?? 0 > 1 { object("\(node) has two of order \(order) under way") }
        }
    }

    /// Events of one order are sent in the order of the feed. An event does not come after one that
    /// was delayed once, and neither taken nor refused: it takes two delays to set one aside.
    private mutating func judgeOrder(
        of event: FeedEvent, behind: ArraySlice<FeedEvent>, by node: String, told: some Sequence<FeedEvent>
    ) {
        guard let order = event.order?.id else { return }
        for earlier in told where earlier.position < event.position && earlier.order?.id == order && endpoint.wants(earlier) {
            guard !behind.contains(earlier) else { continue }
            if sendings[earlier.position] == nil { object("\(node) sends \(event.id) before \(earlier.id)") }
            guard !taken.contains(earlier.position), !refused.contains(earlier.position) else { continue }
            if delays[earlier.position, default: 0] < 2 { object("\(node) sends \(event.id) although \(earlier.id) waits") }
        }
    }

    /// The receiver has them, whether or not its answer arrives.
    mutating func took(_ events: [FeedEvent]) { taken.formUnion(events.map(\.position)) }

    mutating func ends(_ events: [FeedEvent], with answer: WebhookAnswer, by node: String) {
        for order in Set(events.compactMap { $0.order?.id }) { underWay[node]?[order, default: 0] -= 1 }
        requestsUnderWay[node, default: 0] -= 1
        switch answer {
        case .refused, .busy: for event in events { objections[event.position, default: 0] += 1 }
        case .away: for event in events { absences[event.position, default: 0] += 1 }
        case .taken, .gone: break
        }
        switch answer {
        case .refused: refused.formUnion(events.map(\.position))
        case .busy, .away: for event in events { delays[event.position, default: 0] += 1 }
        case .taken, .gone: break
        }
    }

    mutating func died(_ node: String) { (underWay[node], requestsUnderWay[node]) = (nil, nil) }

    // MARK: What is remembered

    mutating func saved(_ webhook: WebhookModel, by node: String, _ feed: FeedModel) {
        for event in feed.entered where endpoint.wants(event) && event.position <= webhook.position {
            if !taken.contains(event.position), webhook.failures[event.position] == nil {
                object("\(node) passes \(event.id), which was neither taken nor kept")
            }
        }
    }

    mutating func closes(_ webhook: WebhookModel, _ feed: FeedModel) {
        for event in feed.entered where endpoint.wants(event) && !taken.contains(event.position) {
            // Who hangs up that often, and takes others, has objected once.
            let objections = objections[event.position, default: 0] + absences[event.position, default: 0] / Limits.webhookDelaysMax
            if webhook.failures[event.position] == nil { object("\(event.id) was never taken, and nobody knows") }
            if objections <= endpoint.retries.count { object("\(event.id) was given up after \(objections) objections") }
        }
    }
}

extension WebhookEndpoint {
    fileprivate func wants(_ event: FeedEvent) -> Bool { types?.contains(event.type) ?? true }
}
