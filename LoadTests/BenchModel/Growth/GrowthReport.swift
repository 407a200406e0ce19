/// The report file of the growth benchmark.
package struct GrowthReport: Sendable, Equatable, Codable {
    /// By which the cost at the largest size may exceed that at the smallest and still count as
    /// noise.
    package static let growthMax = 1.15

    package var setup: CompareReport.Setup
    package var points: [GrowthPoint]
    package var storms: [AcceptStorm]

    package init(setup: CompareReport.Setup, points: [GrowthPoint], storms: [AcceptStorm]) {
        self.setup = setup
        self.points = points
        self.storms = storms
    }

    package var axes: [GrowthAxis] { GrowthAxis.allCases.filter { axis in points.contains { $0.axis == axis } } }

    package func sizes(of axis: GrowthAxis) -> [Int] { Set(points.filter { $0.axis == axis }.map(\.size)).sorted() }

    package func spread(_ axis: GrowthAxis, _ size: Int, _ figure: (GrowthPoint) -> Double?) -> Spread? {
        Spread(points.filter { $0.axis == axis && $0.size == size }.compactMap(figure))
    }

    /// Server CPU per purchase at the largest size over that at the smallest; `nil` of one size.
    package func growth(of axis: GrowthAxis) -> Double? {
        let sizes = sizes(of: axis)
        guard
            sizes.count > 1, let first = spread(axis, sizes[0], \.cost.ofServers), let last = spread(axis, sizes[sizes.count - 1], \.cost.ofServers),
            first.median > 0
        else { return nil }
        return last.median / first.median
    }

    package var isConclusive: Bool { points.allSatisfy { !$0.disturbance.isTooMuch } && storms.allSatisfy { !$0.disturbance.isTooMuch } }

    package var faults: [String] {
        points.flatMap { point in point.faults.map { "\(point.axis.rawValue), \(point.size): \($0)" } }
    }
}

extension GrowthReport: BenchReport {
    /// The table marks them.
    package var doubts: [String] { [] }
}
