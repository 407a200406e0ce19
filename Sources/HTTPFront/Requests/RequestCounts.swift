import Metrics
import Synchronization

/// Counts answered requests by route and status.
package final class RequestCounts: Sendable {
    private struct Key: Hashable {
        var route: String
        var status: Int
    }

    /// Of a path that is none of ours.
    static let otherRoute = "other"
    static let purchaseRoute = "/v1/sales/{sale}/orders"

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help = ["http_requests": "Requests of the public port that were answered, by route and status."]

    private let counters = Mutex<[Key: Counter]>([:])

    package init() {}

    /// - Parameter route: the path with its parameters in braces.
    func count(_ route: String, status: Int) {
        let counter = counters.withLock { counters in
            let key = Key(route: route, status: status)
            if let counter = counters[key] { return counter }
            let made = Self.counter(route, status: status)
            counters[key] = made
            return made
        }
        counter.increment()
    }

    /// Of the purchases, which ask for it once.
    static func purchases(status: Int) -> Counter { counter(purchaseRoute, status: status) }

    private static func counter(_ route: String, status: Int) -> Counter {
        Counter(label: "http_requests", dimensions: [("route", route), ("status", "\(status)")])
    }
}
