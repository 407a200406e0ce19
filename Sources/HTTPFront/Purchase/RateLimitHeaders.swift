import SaleCore
import SaleService

/// The headers of draft-ietf-httpapi-ratelimit-headers: `q` tokens at once, `w` seconds to refill
/// them; `r` left, `t` seconds until all are back.
enum RateLimitHeaders {
    static let user: StaticString = "user"
    static let address: StaticString = "ip"
    static let total: StaticString = "total"
    static let orders: StaticString = "orders"

    /// The value of `RateLimit-Policy`; `nil` when no limit is set.
    static func policies(of limiters: RateLimiters) -> String? {
        let policies = [(user, limiters.perUser), (address, limiters.perAddress)].compactMap { name, limiter in
            limiter.map { policy(name, $0.limit) }
        }
        return policies.isEmpty ? nil : policies.joined(separator: ", ")
    }

    static func policy(_ name: StaticString, _ limit: RateLimit) -> String {
        "\"\(name)\";q=\(limit.burst);w=\(limit.windowSeconds)"
    }

    /// Whole seconds, rounded up, at least 1.
    static func seconds(_ nanoseconds: UInt64) -> Int {
        Int(max(1, (nanoseconds + 999_999_999) / 1_000_000_000))
    }
}

/// What a purchase's answer tells of the bucket that was asked last.
struct RateLimitState {
    /// The value of `RateLimit-Policy`.
    let policies: String
    let name: StaticString
    let decision: TokenDecision

    /// No less than what both headers' values take.
    var byteCountMax: Int { policies.utf8.count + name.utf8CodeUnitCount + 64 }

    /// Both headers say the same of `other`.
    func saysTheSame(as other: Self) -> Bool {
        decision.remaining == other.decision.remaining
            && RateLimitHeaders.seconds(decision.fullAfter) == RateLimitHeaders.seconds(other.decision.fullAfter)
            && policies == other.policies && name.isEqual(to: other.name)
    }

    /// The value of `RateLimit`.
    func write(into cursor: inout OutputRawSpan) {
        cursor.write("\"")
        cursor.write(name)
        cursor.write("\";r=")
        cursor.write(decimal: decision.remaining)
        cursor.write(";t=")
        cursor.write(decimal: RateLimitHeaders.seconds(decision.fullAfter))
    }
}

/// The same as the values of both headers, where nothing hangs on a `String` more or less.
package struct RateLimitFields: Sendable, Equatable {
    let policies: String
    let state: String

    init(_ name: StaticString, _ limit: RateLimit, _ decision: TokenDecision) {
        policies = RateLimitHeaders.policy(name, limit)
        state = "\"\(name)\";r=\(decision.remaining);t=\(RateLimitHeaders.seconds(decision.fullAfter))"
    }

    /// Nothing is left of a quota until it is whole again.
    init(_ name: StaticString, exhausted quota: Int, windowSeconds: Int, resetSeconds: Int) {
        policies = "\"\(name)\";q=\(quota);w=\(windowSeconds)"
        state = "\"\(name)\";r=0;t=\(resetSeconds)"
    }
}

extension Problem {
    /// A bucket refused the request.
    init(_ policy: StaticString, refused decision: TokenDecision) {
        self.init(
            .rateLimited, extras: [.violatedPolicies([policy.description])], retryAfterSeconds: RateLimitHeaders.seconds(decision.retryAfter))
    }

    /// So many were allowed in a window of time, and were used up.
    package init(_ policy: StaticString, exhausted quota: Int, windowSeconds: Int, resetSeconds: Int, detail: String) {
        self.init(.rateLimited, detail: detail, extras: [.violatedPolicies([policy.description])], retryAfterSeconds: resetSeconds)
        rateLimit = RateLimitFields(policy, exhausted: quota, windowSeconds: windowSeconds, resetSeconds: resetSeconds)
    }
}
