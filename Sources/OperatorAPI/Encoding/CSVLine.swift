/// One record of CSV (RFC 4180), which a spreadsheet takes for text and never for a formula.
package enum CSVLine {
    /// The byte order mark by which Excel knows UTF-8.
    package static let mark = "\u{FEFF}"

    /// - Parameter cells: with whether each is a number, which is written as it is.
    package static func text(_ cells: [(text: String, isNumber: Bool)]) -> String {
        cells.map { $0.isNumber ? $0.text : cell($0.text) }.joined(separator: ",") + "\r\n"
    }

    private static func cell(_ text: String) -> String {
        let guarded = startsFormula(text) ? "'" + text : text
        guard guarded.utf8.contains(where: isSpecial) || guarded.hasPrefix(" ") || guarded.hasSuffix(" ") else {
            return guarded
        }
        return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"): true
        default: false
        }
    }

    /// A tab or a line end before the sign is skipped by some.
    private static func startsFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        return ["=", "+", "-", "@", "\t", "\r", "\n"].contains(first)
    }
}
