import Metrics

/// What is counted of one endpoint.
package struct WebhookMetrics: Sendable {
    enum Result: String, CaseIterable {
        case delivered
        /// To be tried again.
        case failed
        case givenUp = "given_up"
    }

    private let lag: Gauge
    private let deliveries: [Result: Counter]

    init(endpoint: String) {
        lag = Gauge(label: "webhook_lag_seconds", dimensions: [("endpoint", endpoint)])
        deliveries = Dictionary(
            uniqueKeysWithValues: Result.allCases.map {
                ($0, Counter(label: "webhook_deliveries", dimensions: [("endpoint", endpoint), ("result", $0.rawValue)]))
            })
    }

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help: [String: String] = [
        "webhook_lag_seconds": "Age of the oldest event that waits for its first delivery to the endpoint, where this node serves it; else 0.",
        "webhook_deliveries": "Events sent to a webhook endpoint, by what came of the attempt.",
    ]

    func count(_ result: Result, _ count: Int) { deliveries[result]?.increment(by: count) }

    func sampled(lagMilliseconds: Int64) { lag.record(Double(max(0, lagMilliseconds)) / 1_000) }
}
