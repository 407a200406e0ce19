package import SaleCore

/// What operators write in their own words: reasons and references.
package enum OperatorText {
    package static let charactersMax = 200

    /// What is wrong with `text`, which stands in `field`.
    package static func violations(of text: String?, _ field: String) -> [Violation] {
        guard let text, text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            return [Violation(field: field, reason: "must be given")]
        }
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value) }
        guard text.unicodeScalars.count <= charactersMax, isPlain else {
            return [Violation(field: field, reason: "must be 1 to \(charactersMax) characters on one line")]
        }
        return []
    }
}
