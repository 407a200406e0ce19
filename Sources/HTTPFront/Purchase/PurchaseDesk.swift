import Metrics
import NIOCore
import SaleCore
package import SaleService

/// What the purchase handlers of one event loop share. Confined to that loop.
package final class PurchaseDesk {
    package struct Configuration: Sendable {
        package var authenticator: Authenticator
        package var limiters: RateLimiters
        /// How long a buyer who says nothing waits for the commit.
        package var commitWait: Duration
        /// Whose word about a buyer's address counts; `nil` is nobody's.
        package var trustedProxies: TrustedProxies?

        package init(authenticator: Authenticator, limiters: RateLimiters, commitWait: Duration, trustedProxies: TrustedProxies? = nil) {
            self.authenticator = authenticator
            self.limiters = limiters
            self.commitWait = commitWait
            self.trustedProxies = trustedProxies
        }
    }

    let lane: PurchaseLane
    let configuration: Configuration
    let commitWaitNanoseconds: UInt64
    let policies: String?
    let metrics: PurchaseMetrics
    private var requestIDs = RequestIDGenerator()
    private var date: (second: Int64, text: String) = (-1, "")
    private var jitter = SystemRandomNumberGenerator()

    package init(lane: PurchaseLane, configuration: Configuration, metrics: PurchaseMetrics) {
        self.lane = lane
        self.configuration = configuration
        self.commitWaitNanoseconds = configuration.commitWait.nanoseconds
        self.policies = RateLimitHeaders.policies(of: configuration.limiters)
        self.metrics = metrics
    }

    func nextRequestID() -> RequestID { requestIDs.next() }

    /// The `Date` header at `now`, made once a second.
    func httpDate(at now: UInt64) -> String {
        let time = lane.time(at: now)
        let second = time.milliseconds / 1_000
        if date.second != second { date = (second, time.httpDate) }
        return date.text
    }

    /// Whole seconds between 1 and 3, so that those who were refused together do not come back together.
    func jitteredRetryAfter() -> Int { Int.random(in: 1...3, using: &jitter) }
}

/// Counts and times purchases by outcome; every handle is made once.
package struct PurchaseMetrics: Sendable {
    private let counters: [String: Counter]
    private let timers: [String: Timer]

    private static let successes = ["committed", "reserved", "replayed"]

    package init() {
        let outcomes = Self.successes + ProblemCode.allCases.map(\.rawValue)
        counters = Dictionary(
            uniqueKeysWithValues: outcomes.map { ($0, Counter(label: "purchases", dimensions: [("outcome", $0)])) })
        timers = Dictionary(
            uniqueKeysWithValues: Self.successes.map { ($0, Timer(label: "purchase_duration", dimensions: [("outcome", $0)])) })
    }

    func ended(_ outcome: String, nanoseconds: UInt64) {
        counters[outcome]?.increment()
        timers[outcome]?.recordNanoseconds(Int64(nanoseconds))
    }
}
