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

    /// Whether somebody can be asked for it: ISO 4217, list one, without metals, funds and tests.
    package var isListed: Bool { Self.listed.contains(code) }

    private static let listed = Set(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK \
        DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR \
        KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB \
        PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD \
        TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
        """.split(separator: " ").map(String.init))
}
