/// Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum ExpositionFormat {
    static func heading(_ name: String, kind: MetricKind, help: String?) -> String {
        (help.map { "# HELP \(name) \(escapedHelp($0))\n" } ?? "") + "# TYPE \(name) \(kind.typeName)\n"
    }

    static func sample(_ name: String, _ labels: String, _ value: String) -> String { "\(name)\(labels) \(value)\n" }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }

    static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }

    static func labelName(_ name: String) -> String {
        let taken = String(name.unicodeScalars.map { isNameCharacter($0) ? Character($0) : "_" })
        return taken.first.map { $0.isNumber } ?? true ? "_" + taken : taken
    }

    static func escapedLabelValue(_ value: String) -> String { escaped(value, quotes: true) }

    private static func escapedHelp(_ help: String) -> String { escaped(help, quotes: false) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: result.append(contentsOf: "\\\"".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
