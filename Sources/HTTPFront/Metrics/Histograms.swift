import CoreMetrics
import Synchronization

/// Counts per bucket; the last one takes what is beyond every bound.
struct BucketCounts: ~Copyable, Sendable {
    static let boundsMax = 20
    private let counts = InlineArray<21, Atomic<UInt64>> { _ in Atomic(0) }

    func add(to bucket: Int) { counts[bucket].wrappingAdd(1, ordering: .relaxed) }

    /// Writes the cumulative buckets, the sum and the count.
    ///
    /// - Parameter bounds: the upper bound of each bucket, as `le` writes it; at most `boundsMax`.
    func expose(name: String, labels: MetricLabels, bounds: [String], sum: Double, into text: inout String) {
        var total: UInt64 = 0
        for index in 0...bounds.count {
            total += counts[index].load(ordering: .relaxed)
            let bound = index < bounds.count ? bounds[index] : "+Inf"
            text += ExpositionFormat.sample("\(name)_bucket", labels.braced(adding: "le=\"\(bound)\""), String(total))
        }
        text += ExpositionFormat.sample("\(name)_sum", labels.braced(), ExpositionFormat.number(sum))
        text += ExpositionFormat.sample("\(name)_count", labels.braced(), String(total))
    }
}

/// The buckets in which durations are counted.
package enum DurationBuckets {
    /// Their upper bounds, as `le` writes them.
    package static let seconds = DurationHistogram.bounds.map { Double($0) / 1e9 }
}

/// Durations from 10 µs to 30 s.
final class DurationHistogram: TimerHandler, MetricSeries {
    fileprivate static let bounds: [Int64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000,
    ]
    private static let boundTexts = bounds.map { ExpositionFormat.number(Double($0) / 1e9) }

    private let counts = BucketCounts()
    private let nanoseconds = Atomic<Int64>(0)

    func recordNanoseconds(_ duration: Int64) {
        var low = 0
        var high = Self.bounds.count
        while low < high {
            let middle = (low + high) / 2
            if Self.bounds[middle] < duration { low = middle + 1 } else { high = middle }
        }
        counts.add(to: low)
        nanoseconds.wrappingAdd(duration, ordering: .relaxed)
    }

    func expose(name: String, labels: MetricLabels, into text: inout String) {
        let sum = Double(nanoseconds.load(ordering: .relaxed)) / 1e9
        counts.expose(name: name, labels: labels, bounds: Self.boundTexts, sum: sum, into: &text)
    }
}

/// Counts of things, in buckets of powers of two: 1, 2, 4 … 65,536.
final class CountHistogram: RecorderHandler, MetricSeries {
    private static let exponentMax = 16
    private static let boundTexts = (0...exponentMax).map { String(1 << $0) }

    private let counts = BucketCounts()
    private let sum = AtomicDouble()

    func record(_ value: Int64) {
        let bucket = value <= 1 ? 0 : Int64.bitWidth - (value - 1).leadingZeroBitCount
        counts.add(to: min(bucket, Self.exponentMax + 1))
        sum.add(Double(value))
    }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bounded = min(max(value.rounded(.up), 0), Double(1 << (Self.exponentMax + 1)))
        let bucket = bounded <= 1 ? 0 : Int64.bitWidth - (Int64(bounded) - 1).leadingZeroBitCount
        counts.add(to: min(bucket, Self.exponentMax + 1))
        sum.add(value)
    }

    func expose(name: String, labels: MetricLabels, into text: inout String) {
        counts.expose(name: name, labels: labels, bounds: Self.boundTexts, sum: sum.load(), into: &text)
    }
}
