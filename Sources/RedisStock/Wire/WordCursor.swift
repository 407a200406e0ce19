import SaleCore

/// Writes words of a command straight into memory that was checked once for all of them.
@safe struct WordCursor {
    /// What a word takes besides its texts: its length, a space, and a number's digits.
    static let overheadMax = 32

    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// - Parameter memory: with room for every word's text and `overheadMax` for each; lives longer than the cursor.
    init(_ memory: UnsafeMutableRawBufferPointer) {
        unsafe self.memory = memory
    }

    mutating func write(_ text: String) {
        header(text.utf8.count)
        put(text)
        lineEnd()
    }

    /// One word of two texts with a space between them.
    mutating func write(_ first: String, _ second: String) {
        header(first.utf8.count + 1 + second.utf8.count)
        put(first)
        put(UInt8(ascii: " "))
        put(second)
        lineEnd()
    }

    mutating func write(_ id: OrderID) {
        header(36)
        id.forEachTextByte { put($0) }
        lineEnd()
    }

    /// One word of a text and a number, with a space between them.
    ///
    /// - Parameter number: not negative.
    mutating func write(_ text: String, _ number: Int) {
        header(text.utf8.count + 1 + Self.digitCount(number))
        put(text)
        put(UInt8(ascii: " "))
        digits(number)
        lineEnd()
    }

    private mutating func header(_ length: Int) {
        put(UInt8(ascii: "$"))
        digits(length)
        lineEnd()
    }

    private mutating func lineEnd() {
        put(UInt8(ascii: "\r"))
        put(UInt8(ascii: "\n"))
    }

    private mutating func digits(_ number: Int) {
        precondition(number >= 0, "no command of ours has a negative number")
        let end = count + Self.digitCount(number)
        var rest = number
        for index in (count..<end).reversed() {
            unsafe memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count = end
    }

    private static func digitCount(_ number: Int) -> Int {
        var (count, rest) = (1, number / 10)
        while rest > 0 { (count, rest) = (count + 1, rest / 10) }
        return count
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
        }
        count += text.utf8.count
    }

    private mutating func put(_ byte: UInt8) {
        unsafe memory[count] = byte
        count += 1
    }
}
