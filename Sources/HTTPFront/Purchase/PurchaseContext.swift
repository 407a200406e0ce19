import Metrics
import NIOCore
import NIOHTTP1
import SaleCore
package import SaleService

/// What the purchase handlers of one event loop share. Confined to that loop.
package final class PurchaseContext {
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
        package var pages: SalePages
        /// Whose pages may read answers; `nil` is nobody's.
        package var origins: AllowedOrigins?
        package var keyRule: KeyRule

        package init(
            authenticator: Authenticator, limiters: RateLimiters, commitWait: Duration, trustedProxies: TrustedProxies? = nil,
            onUnreadableAddress: @escaping @Sendable (String) -> Void = { _ in }, report: RequestReport = RequestReport(),
            pages: SalePages = SalePages(), origins: AllowedOrigins? = nil, keyRule: KeyRule = .browsers
        ) {
            self.authenticator = authenticator
            self.limiters = limiters
            self.commitWait = commitWait
            self.trustedProxies = trustedProxies
            self.onUnreadableAddress = onUnreadableAddress
            self.report = report
            self.pages = pages
            self.origins = origins
            self.keyRule = keyRule
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
    let busyPages = BusyPage.prepared
    private var lastOrder = PreparedOrder()

    package init(lane: PurchaseLane, configuration: Configuration, metrics: PurchaseMetrics) {
        self.lane = lane
        self.configuration = configuration
        self.commitWaitNanoseconds = configuration.commitWait.nanoseconds
        self.policies = RateLimitHeaders.policies(of: configuration.limiters)
        self.metrics = metrics
    }

    func nextRequestID() -> RequestID { requestIDs.next() }

    /// The `Date` header at `now`, made once a second.
    func httpDate(at now: MonotonicInstant) -> String {
        let time = lane.time(at: now)
        let second = time.milliseconds / 1_000
        if date.second != second { date = (second, time.httpDate) }
        return date.text
    }

    /// What the answer to a request says to a browser whose page is of another origin; `nil` is
    /// nothing.
    func allowedOrigin(_ head: HTTPRequestHead) -> AllowedOrigin? {
        if head.method == .GET || head.method == .HEAD, RouteTable.public.isForEverybody(head.uri) { return .everybody }
        return configuration.origins?.allowed(head.headers["Origin"])
    }

    /// - Parameter isLast: nothing is answered on the connection after it.
    func write(_ answer: PurchaseAnswer, _ frame: AnswerFrame, isLast: Bool, to pipelining: PipeliningHandler) {
        pipelining.answer(isLast: isLast) { buffer, closes in
            switch answer {
            case .order(let order, let isCommitted, let isReplay):
                lastOrder.write(order, isCommitted: isCommitted, isReplay: isReplay, frame, closes: closes, body: &body, into: &buffer)
            case .problem(let problem):
                // Nearly all answers of a flash sale, and those that are refused from memory carry
                // no state of a bucket.
                if problem.code == .soldOut, problem.detail == nil, frame.rateLimit == nil, !closes, case .number(let id) = frame.requestID {
                    return soldOut.write(requestID: id, date: frame.date, allowedOrigin: frame.allowedOrigin, into: &buffer)
                }
                answer.write(frame, closes: closes, body: &body, into: &buffer)
            }
        }
    }

    /// Whole seconds, so that those who were refused together do not come back together.
    func jitteredRetryAfter(_ range: ClosedRange<Int> = 1...3) -> Int { Int.random(in: range, using: &jitter) }
}
