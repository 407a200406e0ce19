/// What a service must do at a rate for the rate to be within its capacity.
package struct KneeLimits: Sendable, Equatable {
    /// The smallest share of the offered purchases that are committed, from 0 to 1.
    package var committedShare: Double
    package var latencyP99Microseconds: UInt64
    /// How late the generator may be, for 99 % of a step's arrivals.
    package var lagP99Microseconds: UInt64

    package init(committedShare: Double, latencyP99Microseconds: UInt64, lagP99Microseconds: UInt64) {
        self.committedShare = committedShare
        self.latencyP99Microseconds = latencyP99Microseconds
        self.lagP99Microseconds = lagP99Microseconds
    }
}

/// One rate of a ramp, and what came of it.
package struct RampStep: Sendable, Codable, Equatable {
    /// Why a rate is beyond the capacity; the first of these that holds.
    package enum Miss: String, Sendable, Codable {
        /// The generator was late, so the target was not offered this rate.
        case generator = "the generator was late"
        case committed = "too little was committed"
        case latency = "p99 above the limit"
    }

    package var rate: Double
    package var offered: UInt64
    package var committed: UInt64
    /// Per second of the step.
    package var committedPerSecond: Double
    package var p50Microseconds: UInt64
    package var p99Microseconds: UInt64
    package var lagP99Microseconds: UInt64
    package var miss: Miss?

    /// - Parameter tally: of the purchases whose instants lie in the step.
    package init(rate: Double, seconds: Double, tally: Tally, limits: KneeLimits) {
        let committed = tally.latency(.committed)
        self.rate = rate
        self.offered = tally.offered
        self.committed = committed.count
        self.committedPerSecond = Double(committed.count) / seconds
        self.p50Microseconds = committed.microseconds(atPercentile: 50)
        self.p99Microseconds = committed.microseconds(atPercentile: 99)
        self.lagP99Microseconds = tally.lag.microseconds(atPercentile: 99)
        // Purchases that were due and not taken up count as offered.
        let due = max(Double(tally.offered), (rate * seconds * 0.98).rounded(.down))
        self.miss =
            if lagP99Microseconds > limits.lagP99Microseconds || Double(tally.offered) < due {
                .generator
            } else if Double(committed.count) < limits.committedShare * due {
                .committed
            } else {
                p99Microseconds > limits.latencyP99Microseconds ? .latency : nil
            }
    }
}
