import SaleCore

/// Words of a command written straight into memory: room is made once for all of them, and each piece is checked against it, in a release, too.
extension OutputRawSpan {
    /// What a word takes besides its texts: its length, a space, and a number's digits.
    static var wordOverheadMax: Int { 32 }

    mutating func writeWord(_ text: String) {
        putHeader(text.utf8.count)
        put(text)
        putLineEnd()
    }

    /// One word of two texts with a space between them.
    mutating func writeWord(_ first: String, _ second: String) {
        putHeader(first.utf8.count + 1 + second.utf8.count)
        put(first)
        append(UInt8(ascii: " "))
        put(second)
        putLineEnd()
    }

    mutating func writeWord(_ id: OrderID) {
        putHeader(36)
        id.forEachTextByte { append($0) }
        putLineEnd()
    }

    /// One word of a text and a number, with a space between them.
    ///
    /// - Parameter number: not negative.
    mutating func writeWord(_ text: String, _ number: Int) {
        putHeader(text.utf8.count + 1 + Self.digitCount(Int64(number)))
        put(text)
        append(UInt8(ascii: " "))
        putDigits(Int64(number))
        putLineEnd()
    }

    private mutating func putHeader(_ length: Int) {
        append(UInt8(ascii: "$"))
        putDigits(Int64(length))
        putLineEnd()
    }

    private mutating func putLineEnd() {
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    mutating func putDigits(_ number: Int64) {
        precondition(number >= 0, "no command of ours has a negative number")
        let head = number / 100_000_000
        if head > 0 { putDigits(head) }
        // Eight digits at most, the first in the lowest byte: divided by a constant, and without a place to put them.
        var (rest, digits, count) = (number % 100_000_000, UInt64(0), 0)
        repeat {
            digits = digits << 8 | UInt64(rest % 10)
            rest /= 10
            count += 1
        } while rest > 0 || head > 0 && count < 8
        for _ in 0..<count {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digits))
            digits >>= 8
        }
    }

    static func digitCount(_ number: Int64) -> Int {
        var (count, rest) = (1, number / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }

    private mutating func put(_ text: String) {
        let bytes = text.utf8Span.span
        precondition(bytes.count <= freeCapacity, "there is no room for a text")
        // Safe: the room was checked, and neither pointer leaves its closure.
        unsafe withUnsafeMutableBytes { memory, count in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
            count += bytes.count
        }
    }
}
