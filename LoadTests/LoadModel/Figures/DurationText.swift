extension Duration {
    /// Reads `10s`, `1.5s`, `500ms`, `250us`, `2m` or `1h`; `nil` for anything else, and for nothing or less.
    package init?(text: String) {
        let units: [(suffix: String, seconds: Double)] = [("ms", 1e-3), ("us", 1e-6), ("s", 1), ("m", 60), ("h", 3_600)]
        guard
            let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let number = Double(text.dropLast(unit.suffix.count)), number > 0, number * unit.seconds <= 86_400 * 7
        else { return nil }
        self = .nanoseconds(Int64((number * unit.seconds * 1e9).rounded()))
    }

    package var nanosecondsCount: UInt64 {
        UInt64(components.seconds) * 1_000_000_000 + UInt64(components.attoseconds / 1_000_000_000)
    }

    package var secondsCount: Double { Double(nanosecondsCount) / 1e9 }
}
