/// One point of a percentile curve.
package struct CurvePoint: Sendable, Codable, Equatable {
    package var percentile: Double
    package var microseconds: UInt64

    package init(percentile: Double, microseconds: UInt64) {
        self.percentile = percentile
        self.microseconds = microseconds
    }
}

extension LatencyHistogram {
    private static let pointsPerHalving = 5

    /// The latencies at percentiles that come closer to 100 by halves, as far as there are
    /// latencies to tell them apart; the last is the maximum.
    package var curve: [CurvePoint] {
        guard count > 0 else { return [] }
        var points: [CurvePoint] = []
        var distance = 100.0
        while distance / 100 * Double(count) > 1 {
            for step in 0..<Self.pointsPerHalving {
                let percentile = 100 - distance * (1 - Double(step) / Double(2 * Self.pointsPerHalving))
                points.append(CurvePoint(percentile: percentile, microseconds: microseconds(atPercentile: percentile)))
            }
            distance /= 2
        }
        points.append(CurvePoint(percentile: 100, microseconds: max))
        return points
    }
}
