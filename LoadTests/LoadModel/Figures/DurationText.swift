import SaleCore

extension Duration {
    /// Reads what every command reads, such as `10s`, `500ms` or `1h30m`, and, because a generator
    /// measures more finely, one number with a fraction or in microseconds: `1.5s`, `250us`. `nil`
    /// for anything else, and for nothing, less, or more than a week.
    package init?(measured text: String) {
        guard let duration = Duration(text: text) ?? Self.fine(text), duration > .zero, duration <= .seconds(86_400 * 7) else { return nil }
        self = duration
    }

    private static func fine(_ text: String) -> Duration? {
        let units: [(suffix: String, seconds: Double)] = [("ms", 1e-3), ("us", 1e-6), ("s", 1), ("m", 60), ("h", 3_600)]
        guard
            let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let number = Double(text.dropLast(unit.suffix.count)), number * unit.seconds <= 86_400 * 7
        else { return nil }
        return .nanoseconds(Int64((number * unit.seconds * 1e9).rounded()))
    }

    package var nanosecondsCount: UInt64 {
        UInt64(components.seconds) * 1_000_000_000 + UInt64(components.attoseconds / 1_000_000_000)
    }

    package var secondsCount: Double { Double(nanosecondsCount) / 1e9 }
}
