import Metrics

/// Counts what the front refuses or cuts off before anybody else hears of it; every handle is made
/// once.
package struct FrontMetrics: Sendable {
    enum Shed: String, CaseIterable {
        /// A purchase, because the event loop runs late.
        case purchaseLag = "purchase_lag"
        /// Browsing, because the event loop runs late.
        case browsingLag = "browsing_lag"
        case browsing
        case orders
        case payments
        /// A live stream, because the node, or the address, has as many as it may.
        case streams
    }

    enum Closed: String, CaseIterable {
        case idle
        case slowRequest = "slow_request"
        case slowAnswer = "slow_answer"
        case slowReader = "slow_reader"
        case unreadable
    }

    private let shedCounters: [Shed: Counter]
    private let closedCounters: [Closed: Counter]
    private let streamCounters: [LiveStream.Result: Counter]
    private let streams = Gauge(label: "streams_open")
    private let connections = Gauge(label: "connections_open")
    private let lag = Timer(label: "event_loop_lag")

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help: [String: String] = [
        "requests_shed": "Requests refused to keep the service answering, by reason.",
        "connections_closed": "Connections that were closed on their client, by reason.",
        "connections_open": "Connections of the public port.",
        "streams_open": "Live streams of the stock.",
        "stream_events": "Events of live streams, by what became of them.",
        "event_loop_lag": "How late an event loop ran a task that was due.",
    ]

    init() {
        shedCounters = Dictionary(
            uniqueKeysWithValues: Shed.allCases.map { ($0, Counter(label: "requests_shed", dimensions: [("reason", $0.rawValue)])) })
        closedCounters = Dictionary(
            uniqueKeysWithValues: Closed.allCases.map { ($0, Counter(label: "connections_closed", dimensions: [("reason", $0.rawValue)])) })
        streamCounters = Dictionary(
            uniqueKeysWithValues: LiveStream.Result.allCases.map { ($0, Counter(label: "stream_events", dimensions: [("result", $0.rawValue)])) })
    }

    func shed(_ reason: Shed) { shedCounters[reason]?.increment() }

    func closed(_ reason: Closed) { closedCounters[reason]?.increment() }

    func counted(connections count: Int) { connections.record(count) }

    func counted(streams count: Int) { streams.record(count) }

    func streamed(_ result: LiveStream.Result) { streamCounters[result]?.increment() }

    func lagged(nanoseconds: UInt64) { lag.recordNanoseconds(Int64(clamping: nanoseconds)) }
}

extension FrontMetrics.Closed {
    init(_ failure: RequestFailure) {
        self =
            switch failure {
            case .requestTooSlow: .slowRequest
            case .answerTooSlow: .slowAnswer
            case .unreadable, .version, .method: .unreadable
            }
    }
}
