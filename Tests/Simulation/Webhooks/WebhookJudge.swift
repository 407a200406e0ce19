import SaleCore
import SaleService

/// Knows what was sent and what came of it, and holds the senders to their promises.
struct WebhookJudge {
    /// What the receiver said of one event, beside that it took it.
    private struct Answers {
        var refusals = 0
        var busies = 0
        var absences = 0

        var delays: Int { busies + absences }
        /// Who hangs up often, and takes others, has objected once.
        var objections: Int { refusals + busies + absences / Limits.webhookDelaysMax }
    }

    private let endpoint: WebhookEndpoint
    private(set) var violations: [String] = []
    private(set) var requestCount = 0
    private var sendings: [EventPosition: Int] = [:]
    private var taken: Set<EventPosition> = []
    /// Of all that a node heard.
    private var answers: [EventPosition: Answers] = [:]
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
            let heard = answers[earlier.position, default: Answers()]
            guard !taken.contains(earlier.position), heard.refusals == 0 else { continue }
            if heard.delays < 2 { object("\(node) sends \(event.id) although \(earlier.id) waits") }
        }
    }

    /// The receiver has them, whether or not its answer arrives.
    mutating func took(_ events: [FeedEvent]) { taken.formUnion(events.map(\.position)) }

    mutating func ends(_ events: [FeedEvent], with answer: WebhookAnswer, by node: String) {
        for order in Set(events.compactMap { $0.order?.id }) { underWay[node]?[order, default: 0] -= 1 }
        requestsUnderWay[node, default: 0] -= 1
        for position in events.map(\.position) {
            switch answer {
            case .refused: answers[position, default: Answers()].refusals += 1
            case .busy: answers[position, default: Answers()].busies += 1
            case .away: answers[position, default: Answers()].absences += 1
            case .taken, .gone: break
            }
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
            let objections = answers[event.position, default: Answers()].objections
            if webhook.failures[event.position] == nil { object("\(event.id) was never taken, and nobody knows") }
            if objections <= endpoint.retries.count { object("\(event.id) was given up after \(objections) objections") }
        }
    }
}

extension WebhookEndpoint {
    fileprivate func wants(_ event: FeedEvent) -> Bool { types?.contains(event.type) ?? true }
}
