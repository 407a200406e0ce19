/// How often something may happen: `rate` times a second, and up to `burst` times at once.
package struct RateLimit: Sendable, Equatable {
    /// Tokens refilled per second.
    package let rate: Int
    /// Tokens that a rested bucket holds.
    package let burst: Int

    /// `nil` unless both are positive and the burst refills within a day.
    package init?(rate: Int, burst: Int) {
        guard (1...10_000_000).contains(rate), (1...10_000_000).contains(burst), burst <= rate * 86_400 else { return nil }
        self.rate = rate
        self.burst = burst
    }

    /// Nanoseconds that one token takes to refill, rounded up, so that no window ever sees more
    /// than the rate.
    package var emissionInterval: UInt64 { (1_000_000_000 + UInt64(rate) - 1) / UInt64(rate) }

    /// Whole seconds, rounded up, in which an empty bucket is full again.
    package var windowSeconds: Int { (burst + rate - 1) / rate }
}
