import SaleCore

/// Words of a command written straight into memory: room is made once for all of them, and each
/// piece is checked against it, in a release, too.
extension OutputRawSpan {
    /// What a word takes besides its texts: its length, a space, and a number's digits.
    static var wordOverheadMax: Int { 32 }

    mutating func writeWord(_ text: String) {
        putHeader(text.utf8.count)
        write(text)
        putLineEnd()
    }

    /// One word of two texts with a space between them.
    mutating func writeWord(_ first: String, _ second: String) {
        putHeader(first.utf8.count + 1 + second.utf8.count)
        write(first)
        append(UInt8(ascii: " "))
        write(second)
        putLineEnd()
    }

    mutating func writeWord(_ id: OrderID) {
        putHeader(36)
        write(id)
        putLineEnd()
    }

    /// One word of a text and a number, with a space between them.
    ///
    /// - Parameter number: not negative.
    mutating func writeWord(_ text: String, _ number: Int) {
        putHeader(text.utf8.count + 1 + Self.digitCount(Int64(number)))
        write(text)
        append(UInt8(ascii: " "))
        write(decimal: number)
        putLineEnd()
    }

    private mutating func putHeader(_ length: Int) {
        append(UInt8(ascii: "$"))
        write(decimal: length)
        putLineEnd()
    }

    private mutating func putLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    static func digitCount(_ number: Int64) -> Int {
        var (count, rest) = (1, number / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }
}
