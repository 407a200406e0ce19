/// How fast work has lately been done, as an exponentially weighted mean over time, and from it how
/// long a new piece of work must wait.
package struct ServiceRate: Sendable, Equatable {
    /// After one time constant without work, an old rate counts for 1/e ≈ 37 %.
    private let timeConstant: Double
    private var perSecond: Double?

    /// - Parameter timeConstantSeconds: how much of the past counts.
    package init(timeConstantSeconds: Double) {
        precondition(timeConstantSeconds > 0, "the mean needs a past")
        self.timeConstant = timeConstantSeconds
    }

    /// `count` pieces were done in `seconds` of uninterrupted work.
    package mutating func record(count: Int, seconds: Double) {
        guard count > 0, seconds > 0 else { return }
        let rate = Double(count) / seconds
        guard let old = perSecond else {
            perSecond = rate
            return
        }
        // The first two terms of 1 − e^(−t/T), capped: exact enough for a mean, and pure
        // arithmetic.
        let weight = min(1, seconds / timeConstant)
        perSecond = old + (rate - old) * weight
    }

    /// `count` pieces were done in `seconds`, and more might have fitted: the rate is at least
    /// this.
    package mutating func recordAtLeast(count: Int, seconds: Double) {
        guard let old = perSecond, count > 0, seconds > 0 else { return }
        perSecond = max(old, Double(count) / seconds)
    }

    /// Seconds until a piece that arrives behind `waiting` others is done; 0 while nothing is
    /// known.
    package func expectedWaitSeconds(behind waiting: Int) -> Double {
        guard let perSecond, perSecond > 0 else { return 0 }
        return Double(waiting) / perSecond
    }
}
