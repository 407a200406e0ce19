/// How a figure moved over a run.
package struct Trend: Sendable, Codable, Equatable {
    /// Means of so many stretches are compared: enough to see a slope, few enough to compare each
    /// with each.
    private static let windowsMax = 120
    private static let windowsMin = 5
    /// The beginning of a run, in which caches fill and memory is taken for good.
    private static let warmUpShare = 0.1

    package var name: String
    package var unit: String
    package var median: Double
    package var slopePerHour: Double
    /// What the slope makes of the run's length, as a share of the median.
    package var growthShare: Double

    /// The median of the slopes between any two stretches (Theil, 1950; Sen, 1968), which a few
    /// outliers do not move. `nil` when there is too little to compare.
    ///
    /// - Parameter points: seconds and values, in rising order of time.
    package init?(_ name: String, unit: String, points all: [(second: Double, value: Double)]) {
        guard let first = all.first, let last = all.last else { return nil }
        let from = first.second + (last.second - first.second) * Self.warmUpShare
        let points = Self.windows(all.filter { $0.second >= from })
        guard points.count >= Self.windowsMin, let start = points.first?.second, let end = points.last?.second else { return nil }
        var slopes: [Double] = []
        for (index, earlier) in points.enumerated() {
            for later in points[(index + 1)...] where later.second > earlier.second {
                slopes.append((later.value - earlier.value) / (later.second - earlier.second))
            }
        }
        guard let slope = Self.median(slopes), let median = Self.median(points.map(\.value)) else { return nil }
        self.name = name
        self.unit = unit
        self.median = median
        slopePerHour = slope * 3_600
        growthShare = median > 0 ? slope * (end - start) / median : 0
    }

    /// - Parameters:
    ///   - shareMax: the largest growth over the run, as a share of the median.
    ///   - tolerance: growth over the run that says nothing, in the figure's unit.
    package func finding(_ rule: String, shareMax: Double, tolerance: Double) -> Finding {
        Finding(
            rule, growthShare <= shareMax || growthShare * median <= tolerance,
            "\(name): median \(TableReport.decimal(median, 2)) \(unit), slope \(TableReport.decimal(slopePerHour, 2)) \(unit) per hour, "
                + "\(TableReport.decimal(growthShare * 100, 1)) % over the run, at most \(TableReport.decimal(shareMax * 100, 1)) %")
    }

    private static func windows(_ points: [(second: Double, value: Double)]) -> [(second: Double, value: Double)] {
        let size = max(1, (points.count + windowsMax - 1) / windowsMax)
        return stride(from: 0, to: points.count, by: size).map { start in
            let window = points[start..<min(start + size, points.count)]
            let count = Double(window.count)
            return (window.reduce(0) { $0 + $1.second } / count, window.reduce(0) { $0 + $1.value } / count)
        }
    }

    private static func median(_ values: [Double]) -> Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
