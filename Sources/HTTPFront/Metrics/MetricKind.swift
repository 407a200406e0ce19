/// What a family of series is, and what its name must look like.
enum MetricKind: Equatable, Sendable {
    enum Unit: Equatable, Sendable {
        case seconds
        case count
    }

    case counter
    case gauge
    case histogram(unit: Unit)

    static let prefix = "seckill_"

    /// As the `TYPE` line names it.
    var typeName: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private var suffix: String {
        switch self {
        case .counter: "_total"
        case .histogram(unit: .seconds): "_seconds"
        case .gauge, .histogram(unit: .count): ""
        }
    }

    /// The label of swift-metrics as Prometheus takes names: anything but letters, digits and `_`
    /// becomes `_`.
    func exposedName(of label: String) -> String {
        var name = String(label.unicodeScalars.map { ExpositionFormat.isNameCharacter($0) ? Character($0) : "_" })
        if !name.hasPrefix(Self.prefix) { name = Self.prefix + name }
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// The shorter names under which a help text may stand for `name`.
    func givenNames(of name: String) -> [String] {
        let bare = String(name.dropFirst(Self.prefix.count))
        return [bare, String(bare.dropLast(suffix.count))]
    }
}
