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
        /// Told what a trusted proxy says of a buyer's address, and nobody can read.
        package var onUnreadableAddress: @Sendable (String) -> Void
        package var report: RequestReport

        package init(
            authenticator: Authenticator, limiters: RateLimiters, commitWait: Duration, trustedProxies: TrustedProxies? = nil,
            onUnreadableAddress: @escaping @Sendable (String) -> Void = { _ in }, report: RequestReport = RequestReport()
        ) {
            self.authenticator = authenticator
            self.limiters = limiters
            self.commitWait = commitWait
            self.trustedProxies = trustedProxies
            self.onUnreadableAddress = onUnreadableAddress
            self.report = report
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
    private var body = ByteBuffer()
    private let soldOut = PreparedRefusal(Problem(.soldOut))

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

    /// - Parameter isLast: nothing is answered on the connection after it.
    func write(_ answer: PurchaseAnswer, _ frame: AnswerFrame, isLast: Bool, to sequencer: RequestSequencer) {
        sequencer.answer(isLast: isLast) { buffer, closes in
            // Nearly all answers of a flash sale, and those that are refused from memory carry no state of a bucket.
            if case .problem(let problem) = answer, problem.code == .soldOut, problem.detail == nil, frame.rateLimit == nil, !closes,
                case .number(let id) = frame.requestID
            {
                return soldOut.write(requestID: id, date: frame.date, into: &buffer)
            }
            answer.write(frame, closes: closes, body: &body, into: &buffer)
        }
    }

    /// Whole seconds between 1 and 3, so that those who were refused together do not come back together.
    func jitteredRetryAfter() -> Int { Int.random(in: 1...3, using: &jitter) }
}
