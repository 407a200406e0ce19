/// Lengths of time as people write them: `90s`, `15m`, `1h30m`, `2d`.
package enum DurationText {
    private static let units: [(suffix: Character, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// Milliseconds; `nil` for anything but whole numbers with units from the largest to the smallest, each at most once.
    package static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text)
        var allowed = units[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            guard
                let number = Int64(digits), let suffix = rest.popFirst(), let index = allowed.firstIndex(where: { $0.suffix == suffix })
            else { return nil }
            let (part, isTooLong) = number.multipliedReportingOverflow(by: units[index].milliseconds)
            let (sum, isSumTooLong) = total.addingReportingOverflow(part)
            guard !isTooLong, !isSumTooLong else { return nil }
            total = sum
            allowed = units[(index + 1)...]
        }
        return text.isEmpty ? nil : total
    }

    /// The shortest writing that `milliseconds(_:)` reads back, for whole seconds.
    package static func text(milliseconds: Int64) -> String {
        var rest = milliseconds
        var text = ""
        for (suffix, size) in units where rest >= size {
            text += "\(rest / size)\(suffix)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}
