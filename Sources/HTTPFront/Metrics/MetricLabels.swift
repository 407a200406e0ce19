/// The labels of one series, in the order of their names, written once.
struct MetricLabels: Hashable, Comparable, Sendable {
    /// Such as `outcome="committed",reason="x"`; empty without labels.
    let text: String

    /// Where everything beyond the bound on series is counted.
    static let overflow = MetricLabels([("overflow", "true")])

    init(_ dimensions: [(String, String)]) {
        text = dimensions.sorted { $0.0 < $1.0 }
            .map { "\(ExpositionFormat.labelName($0.0))=\"\(ExpositionFormat.escapedLabelValue($0.1))\"" }
            .joined(separator: ",")
    }

    /// With braces, and with `extra` as one more label.
    func braced(adding extra: String = "") -> String {
        if text.isEmpty && extra.isEmpty { return "" }
        return text.isEmpty || extra.isEmpty ? "{\(text)\(extra)}" : "{\(text),\(extra)}"
    }

    static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}
