/// A figure that a run must not miss.
package enum Threshold: Sendable, Equatable {
    /// Of the answers that sell, 201 and 202: `percentile` % are at most `microseconds` away from their intended instant.
    case latency(percentile: Double, microseconds: UInt64)
    /// The largest share of purchases, from 0 to 1, that may end as an error, without an answer, or unsent.
    case failures(share: Double)
    /// The smallest number of purchases per second that must be answered 201.
    case committed(perSecond: Double)

    /// A threshold without anything to measure is missed.
    package func finding(_ tally: Tally, elapsed: Double) -> Finding {
        switch self {
        case .latency(let percentile, let limit):
            let bought = tally.bought
            let value = bought.microseconds(atPercentile: percentile)
            return Finding(
                "threshold_\(Self.name(percentile))", bought.count > 0 && value <= limit,
                bought.count > 0
                    ? "\(TableReport.milliseconds(value)) ms, at most \(TableReport.milliseconds(limit)) ms" : "nothing was bought")
        case .failures(let share):
            let failed = tally.count { $0 == .error || $0 == .unknown || $0 == .unsent }
            let found = tally.offered > 0 ? Double(failed) / Double(tally.offered) : 1
            return Finding("threshold_failures", found <= share, "\(failed) of \(tally.offered) purchases, share at most \(share)")
        case .committed(let perSecond):
            let found = elapsed > 0 ? Double(tally.count(.committed)) / elapsed : 0
            return Finding(
                "threshold_committed_rate", found >= perSecond,
                "\(TableReport.decimal(found, 1)) per second, at least \(TableReport.decimal(perSecond, 1))")
        }
    }

    private static func name(_ percentile: Double) -> String {
        "p" + String(percentile).replacing(".0", with: "").replacing(".", with: "")
    }
}
