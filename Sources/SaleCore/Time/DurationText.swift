/// Lengths of time as people write them, in settings, flags and files alike: `500ms`, `2s`, `15m`,
/// `1h30m`, `30d`.
package enum DurationText {
    private static let units: [(suffix: Substring, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Milliseconds; `nil` for anything but whole numbers with units from the largest to the
    /// smallest, each at most once.
    package static func milliseconds(_ text: String) -> Int64? {
        var rest = text.utf8[...]
        var allowed = units[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix(while: isDigit)
            rest = rest[digits.endIndex...]
            let suffix = rest.prefix { !isDigit($0) }
            rest = rest[suffix.endIndex...]
            guard
                let number = Int64(Substring(digits)), let index = allowed.firstIndex(where: { $0.suffix.utf8.elementsEqual(suffix) })
            else { return nil }
            let (part, isTooLong) = number.multipliedReportingOverflow(by: units[index].milliseconds)
            let (sum, isSumTooLong) = total.addingReportingOverflow(part)
            guard !isTooLong, !isSumTooLong else { return nil }
            total = sum
            allowed = units[(index + 1)...]
        }
        return text.isEmpty ? nil : total
    }

    /// The shortest writing that `milliseconds(_:)` reads back.
    package static func text(milliseconds: Int64) -> String {
        var rest = milliseconds
        var text = ""
        for (suffix, size) in units where rest >= size {
            text += "\(rest / size)\(suffix)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension Duration {
    /// Reads `text` as `DurationText` does; `nil` for anything else.
    package init?(text: String) {
        guard let milliseconds = DurationText.milliseconds(text) else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// As `DurationText` writes it; what is shorter than a millisecond is left out.
    package var text: String {
        let (seconds, attoseconds) = components
        return DurationText.text(milliseconds: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
