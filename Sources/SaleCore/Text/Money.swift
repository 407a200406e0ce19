/// Amounts of money as people write them.
package enum Money {
    /// `minor` units of `currency` with the currency's own decimals: `3999.00`, `500`, `1.250`.
    package static func text(_ minor: Int64, _ currency: Currency) -> String {
        let digits = String(minor.magnitude)
        let decimals = currency.decimals
        let sign = minor < 0 ? "-" : ""
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// For people, with the currency: `3999.00 CNY`.
    package static func amount(_ minor: Int64, _ currency: Currency) -> String { "\(text(minor, currency)) \(currency)" }

    /// For whoever must give or read data: `399900 minor units (3999.00 CNY)`.
    package static func both(_ minor: Int64, _ currency: Currency) -> String {
        "\(minor) minor unit\(minor == 1 ? "" : "s") (\(amount(minor, currency)))"
    }

    /// Reads what `text(_:_:)` writes, and fewer decimals; `nil` for anything else, such as more
    /// decimals than the currency has.
    package static func minor(_ text: String, _ currency: Currency) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard
            (1...2).contains(parts.count), !parts[0].isEmpty, parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= currency.decimals,
            (parts[0] + fraction).utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(parts[0] + fraction + String(repeating: "0", count: currency.decimals - fraction.utf8.count))
    }
}

extension Currency {
    /// Digits behind the separator (ISO 4217, list one); two for whatever is not on that list.
    package var decimals: Int {
        switch code {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF": 0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        case "CLF", "UYW": 4
        default: 2
        }
    }
}
