import Histogram

/// Latencies in microseconds, three significant digits, up to an hour.
package struct LatencyHistogram: Sendable {
    private static let microsecondsMax: UInt64 = 3_600_000_000
    /// Made with the first latency: it takes 190 kB, and most outcomes of most groups never occur.
    private var histogram: Histogram<UInt64>?

    package init() {}

    package var count: UInt64 { histogram?.totalCount ?? 0 }
    /// Microseconds.
    package var max: UInt64 { histogram?.maxRecorded ?? 0 }
    /// Microseconds.
    package var mean: Double { histogram?.mean ?? 0 }

    /// Rounds up to whole microseconds. Nothing is added for arrivals that a stall kept waiting:
    /// they are recorded themselves, from the instant that the plan intended.
    package mutating func record(nanoseconds: UInt64) {
        record(microseconds: (nanoseconds + 999) / 1_000, count: 1)
    }

    package mutating func record(microseconds: UInt64, count: UInt64) {
        if histogram == nil {
            histogram = Histogram(
                lowestDiscernibleValue: 1, highestTrackableValue: Self.microsecondsMax, numberOfSignificantValueDigits: .three)
        }
        histogram?.record(Swift.min(microseconds, Self.microsecondsMax), count: count)
    }

    package mutating func add(_ other: LatencyHistogram) {
        guard let added = other.histogram else { return }
        if histogram == nil {
            histogram = added
        } else {
            histogram?.add(added)
        }
    }

    /// The microseconds that `percentile` % of the latencies do not exceed; 0 when there are none.
    package func microseconds(atPercentile percentile: Double) -> UInt64 {
        histogram?.valueAtPercentile(percentile) ?? 0
    }

    /// Every recorded value with its count, in rising order: enough to rebuild the histogram. A
    /// value stands for its bucket, by the bucket's upper end; the last one is the maximum itself.
    package var recorded: [(microseconds: UInt64, count: UInt64)] {
        guard let histogram else { return [] }
        return histogram.recordedValues().map { (Swift.min($0.value, max), $0.count) }
    }
}
