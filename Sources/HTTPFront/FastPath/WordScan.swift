/// Bytes looked at eight at a time: of a request, most are part of a text that is known or of a
/// value that only must not hold a control character.
enum WordScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// Whether `text` stands at `offset`. `bytes` must reach to its end.
    static func equal(_ bytes: RawSpan, at offset: Int, _ text: StaticString) -> Bool { equal(bytes, at: offset, text.bytes) }

    static func equal(_ bytes: RawSpan, at offset: Int, _ expected: RawSpan) -> Bool {
        var index = 0
        while index + 8 <= expected.byteCount {
            guard bytes.word(at: offset + index) == expected.word(at: index) else { return false }
            index += 8
        }
        while index < expected.byteCount {
            guard bytes.byte(at: offset + index) == expected.byte(at: index) else { return false }
            index += 1
        }
        return true
    }

    /// The index of the first byte at or behind `start` that is not of `range`; the count of
    /// `bytes` when there is none.
    ///
    /// - Parameter range: of ASCII.
    static func firstOutside(_ range: ClosedRange<UInt8>, in bytes: RawSpan, from start: Int) -> Int {
        // Of each byte, the top bit is set by a subtraction that goes below zero, by an addition
        // that goes above 127, or from the start. What is borrowed or carried into the next byte
        // comes from a byte that is outside already.
        let below = UInt64(range.lowerBound) * ones
        let above = UInt64(0x7F - range.upperBound) * ones
        var index = start
        while index + 8 <= bytes.byteCount {
            let word = bytes.word(at: index)
            if ((word &- below) | (word &+ above) | word) & tops != 0 { break }
            index += 8
        }
        while index < bytes.byteCount, range.contains(bytes.byte(at: index)) { index += 1 }
        return index
    }
}
