import SaleCore
import SaleService

/// The headers of draft-ietf-httpapi-ratelimit-headers: `q` tokens at once, `w` seconds to refill them; `r` left, `t` seconds until all are back.
enum RateLimitHeaders {
    static let user = "user"
    static let address = "ip"
    static let total = "total"

    /// The value of `RateLimit-Policy`; `nil` when no limit is set.
    static func policies(of limiters: RateLimiters) -> String? {
        let policies = [(user, limiters.perUser), (address, limiters.perAddress)].compactMap { name, limiter in
            limiter.map { "\"\(name)\";q=\($0.limit.burst);w=\($0.limit.windowSeconds)" }
        }
        return policies.isEmpty ? nil : policies.joined(separator: ", ")
    }

    /// The value of `RateLimit`.
    static func state(_ name: String, _ decision: TokenDecision) -> String {
        "\"\(name)\";r=\(decision.remaining);t=\(seconds(decision.fullAfter))"
    }

    /// Whole seconds, rounded up, at least 1.
    static func seconds(_ nanoseconds: UInt64) -> Int {
        Int(max(1, (nanoseconds + 999_999_999) / 1_000_000_000))
    }
}
