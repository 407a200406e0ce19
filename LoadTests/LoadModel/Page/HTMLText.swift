/// Text that cannot break out of where it is put.
enum HTMLText {
    /// For an element's content or a quoted attribute.
    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
    }

    /// A JSON string inside a script element: no `<`, so that nothing ends the element.
    static func json(_ text: String) -> String {
        let content = text.unicodeScalars.reduce(into: "") { content, scalar in
            switch scalar {
            case "\"", "\\": content += "\\\(scalar)"
            case "<", "\u{0}"..."\u{1F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                content += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: content.unicodeScalars.append(scalar)
            }
        }
        return "\"\(content)\""
    }

    /// A JSON number of at most six digits after the point.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int64(rounded)) : String(rounded)
    }

    /// A table whose first row is its head.
    static func table(_ rows: [[String]], isText: Bool = false) -> String {
        guard let head = rows.first, rows.count > 1 else { return "" }
        let body = rows.dropFirst().map { row in "<tr>" + row.map { "<td>\($0)</td>" }.joined() + "</tr>" }
        return "<div class=\"scroll\"><table\(isText ? " class=\"text\"" : "")><thead><tr>"
            + head.map { $0.isEmpty ? "<td></td>" : "<th>\($0)</th>" }.joined()
            + "</tr></thead><tbody>\(body.joined())</tbody></table></div>\n"
    }
}
