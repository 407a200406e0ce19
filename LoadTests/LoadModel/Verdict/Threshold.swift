/// A figure that a run must not miss.
package enum Threshold: Sendable, Equatable {
    package enum Answers: Sendable, Equatable {
        /// Those that sell, 201 and 202.
        case purchases
        /// Those that say sold out.
        case soldOut
    }

    /// `percentile` % of the answers are at most `microseconds` away from their intended instant.
    case latency(percentile: Double, microseconds: UInt64, of: Answers = .purchases)
    /// The largest share of purchases, from 0 to 1, that may end as an error, without an answer, or
    /// unsent.
    case failures(share: Double)
    /// The smallest number of purchases per second that must be answered 201.
    case committed(perSecond: Double)
    /// The smallest number of purchases per second that must be answered as sold out.
    case refused(perSecond: Double)

    /// A threshold without anything to measure is missed.
    package func finding(_ tally: Tally, elapsed: Double) -> Finding {
        switch self {
        case .latency(let percentile, let limit, let answers):
            let latency = answers == .purchases ? tally.bought : tally.latency(.soldOut)
            let value = latency.microseconds(atPercentile: percentile)
            let nothing = answers == .purchases ? "nothing was bought" : "nothing was refused as sold out"
            return Finding(
                "threshold_\(Self.name(percentile))", latency.count > 0 && value <= limit,
                latency.count > 0 ? "\(TableReport.milliseconds(value)) ms, at most \(TableReport.milliseconds(limit)) ms" : nothing)
        case .failures(let share):
            let failed = tally.count { $0 == .error || $0 == .unknown || $0 == .unsent }
            let found = tally.offered > 0 ? Double(failed) / Double(tally.offered) : 1
            return Finding("threshold_failures", found <= share, "\(failed) of \(tally.offered) purchases, share at most \(share)")
        case .committed(let limit): return Self.rate("threshold_committed_rate", tally.count(.committed), elapsed: elapsed, atLeast: limit)
        case .refused(let limit): return Self.rate("threshold_refusal_rate", tally.count(.soldOut), elapsed: elapsed, atLeast: limit)
        }
    }

    private static func rate(_ rule: String, _ count: UInt64, elapsed: Double, atLeast limit: Double) -> Finding {
        let found = elapsed > 0 ? Double(count) / elapsed : 0
        return Finding(
            rule, found >= limit, "\(TableReport.decimal(found, 1)) per second, at least \(TableReport.decimal(limit, 1))")
    }

    private static func name(_ percentile: Double) -> String {
        "p" + String(percentile).replacing(".0", with: "").replacing(".", with: "")
    }
}
