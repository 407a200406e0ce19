/// One outcome's latencies, complete enough to be merged with those of another process.
package struct HistogramFile: Sendable, Codable, Equatable {
    package struct Percentile: Sendable, Codable, Equatable {
        package var percentile: Double
        package var microseconds: UInt64
    }

    package struct Bucket: Sendable, Codable, Equatable {
        package var microseconds: UInt64
        package var count: UInt64
    }

    package var schemaVersion: Int
    package var outcome: Outcome
    package var count: UInt64
    package var percentiles: [Percentile]
    /// Every recorded value, in rising order.
    package var buckets: [Bucket]

    package init(outcome: Outcome, histogram: LatencyHistogram) {
        schemaVersion = RunReport.schemaVersionCurrent
        self.outcome = outcome
        count = histogram.count
        percentiles = [10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100].map {
            Percentile(percentile: $0, microseconds: histogram.microseconds(atPercentile: $0))
        }
        buckets = histogram.recorded.map { Bucket(microseconds: $0.microseconds, count: $0.count) }
    }

    package var histogram: LatencyHistogram {
        var histogram = LatencyHistogram()
        for bucket in buckets { histogram.record(microseconds: bucket.microseconds, count: bucket.count) }
        return histogram
    }
}
