/// Reads the text format 0.0.4 as far as the load test needs it.
package enum PrometheusText {
    /// The values of the series in `names`, each summed over its labels.
    package static func values(of names: Set<String>, in text: String) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            guard names.contains(String(name)) else { continue }
            // A label's value may hold spaces, so the number is what follows the last brace, if
            // there is one.
            let rest = line.lastIndex(of: "}").map { line[line.index(after: $0)...] } ?? line.dropFirst(name.count)
            guard let number = rest.split(separator: " ").first.flatMap({ Double($0) }) else { continue }
            values[String(name), default: 0] += number
        }
        return values
    }
}
