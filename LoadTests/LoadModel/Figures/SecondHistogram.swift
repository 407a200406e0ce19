/// Latencies of the answers of one second: buckets 1.6 % wide, few of them used, so that hours of
/// seconds fit in memory.
package struct SecondHistogram: Sendable, Equatable {
    private static let octaveBuckets: UInt64 = 64
    private(set) var counts: [UInt16: UInt64] = [:]

    package init() {}

    init(counts: [UInt16: UInt64]) {
        self.counts = counts
    }

    package var count: UInt64 { counts.values.reduce(0, +) }

    package mutating func record(nanoseconds: UInt64) {
        counts[Self.bucket(of: Swift.min((nanoseconds + 999) / 1_000, UInt64(UInt32.max))), default: 0] += 1
    }

    package mutating func add(_ other: SecondHistogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// The microseconds that each of the rising `percentiles` of the latencies do not exceed, by
    /// their buckets' upper ends; `nil` when there are none.
    package func microseconds(atPercentiles percentiles: [Double]) -> [UInt64]? {
        let total = count
        guard total > 0 else { return nil }
        var values: [UInt64] = []
        var passed: UInt64 = 0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            passed += count
            while values.count < percentiles.count, Double(passed) >= percentiles[values.count] / 100 * Double(total) {
                values.append(Self.upperEnd(of: bucket))
            }
        }
        return values
    }

    private static func bucket(of value: UInt64) -> UInt16 {
        guard value >= octaveBuckets else { return UInt16(value) }
        let shift = UInt64(57 - value.leadingZeroBitCount)
        return UInt16((shift + 1) * octaveBuckets + (value >> shift) - octaveBuckets)
    }

    private static func upperEnd(of bucket: UInt16) -> UInt64 {
        let bucket = UInt64(bucket)
        guard bucket >= octaveBuckets else { return bucket }
        return (bucket % octaveBuckets + octaveBuckets + 1) << (bucket / octaveBuckets - 1) - 1
    }
}
