/// What several measurements of one thing say: the middle one, and how far apart they lie.
package struct Spread: Sendable, Equatable, Codable {
    package var median: Double
    package var min: Double
    package var max: Double

    /// `nil` of nothing.
    package init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        self.median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        self.min = first
        self.max = last
    }

    /// `12.3 (11.9–12.8)`
    package func text(digits: Int) -> String {
        "\(Figure.text(median, digits: digits)) (\(Figure.text(min, digits: digits))–\(Figure.text(max, digits: digits)))"
    }
}
