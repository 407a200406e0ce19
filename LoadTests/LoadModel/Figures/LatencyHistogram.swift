import Histogram

/// Latencies in microseconds, three significant digits, up to an hour.
package struct LatencyHistogram: Sendable {
    private static let microsecondsMax: UInt64 = 3_600_000_000
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 1, highestTrackableValue: Self.microsecondsMax, numberOfSignificantValueDigits: .three)

    package init() {}

    package var count: UInt64 { histogram.totalCount }
    /// Microseconds.
    package var max: UInt64 { histogram.maxRecorded }
    /// Microseconds.
    package var mean: Double { histogram.totalCount == 0 ? 0 : histogram.mean }

    /// Rounds up to whole microseconds. Nothing is added for arrivals that a stall kept waiting: they are recorded themselves, from the instant
    /// that the plan intended.
    package mutating func record(nanoseconds: UInt64) {
        histogram.record(Swift.min((nanoseconds + 999) / 1_000, Self.microsecondsMax))
    }

    package mutating func record(microseconds: UInt64, count: UInt64) {
        histogram.record(Swift.min(microseconds, Self.microsecondsMax), count: count)
    }

    package mutating func add(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
    }

    /// The microseconds that `percentile` % of the latencies do not exceed; 0 when there are none.
    package func microseconds(atPercentile percentile: Double) -> UInt64 {
        histogram.valueAtPercentile(percentile)
    }

    /// Every recorded value with its count, in rising order: enough to rebuild the histogram. A value stands for its bucket, by the bucket's upper
    /// end; the last one is the maximum itself.
    package var recorded: [(microseconds: UInt64, count: UInt64)] {
        histogram.recordedValues().map { (Swift.min($0.value, max), $0.count) }
    }
}
