/// Writes text straight into memory: room is made once for a whole answer or command, and each
/// piece is checked against it, in a release, too.
extension OutputRawSpan {
    package mutating func write(_ byte: UInt8) {
        append(byte)
    }

    /// Literals are rather written as static strings, where there is a way to.
    @_disfavoredOverload
    package mutating func write(_ text: String) {
        // Safe: of bytes, none is padding.
        unsafe write(text.utf8Span.span.bytes)
    }

    package mutating func write(_ bytes: RawSpan) {
        precondition(bytes.byteCount <= freeCapacity, "there is no room for a text")
        // Safe: the room was checked, and neither pointer leaves its closure.
        unsafe withUnsafeMutableBytes { memory, count in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
            count += bytes.byteCount
        }
    }

    /// - Parameter value: not negative.
    package mutating func write(decimal value: Int) {
        precondition(value >= 0, "nothing that is written is negative")
        write(decimal: UInt64(value))
    }

    package mutating func write(decimal value: UInt64) {
        let head = value / 100_000_000
        if head > 0 { write(decimal: head) }
        // Eight digits at most, the first in the lowest byte: divided by a constant, and without a
        // place to put them.
        var (rest, digits, count) = (value % 100_000_000, UInt64(0), 0)
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

    /// 36 bytes.
    package mutating func write(_ id: OrderID) {
        let (first, second) = (Hexadecimal.text(id.high.upperHalf), Hexadecimal.text(id.high.lowerHalf))
        let (third, fourth) = (Hexadecimal.text(id.low.upperHalf), Hexadecimal.text(id.low.lowerHalf))
        write(eight: first)
        write(UInt8(ascii: "-"))
        write(four: second.upperHalf)
        write(UInt8(ascii: "-"))
        write(four: second.lowerHalf)
        write(UInt8(ascii: "-"))
        write(four: third.upperHalf)
        write(UInt8(ascii: "-"))
        write(four: third.lowerHalf)
        write(eight: fourth)
    }

    /// 16 lower-case hexadecimal characters.
    package mutating func write(hexadecimal word: UInt64) {
        write(eight: Hexadecimal.text(word.upperHalf))
        write(eight: Hexadecimal.text(word.lowerHalf))
    }

    /// 24 bytes at most.
    package mutating func write(_ instant: Timestamp) {
        let (date, milliseconds) = instant.dateAndTime
        write(twoDigits: date.year / 100)
        write(twoDigits: date.year % 100)
        write(UInt8(ascii: "-"))
        write(twoDigits: date.month)
        write(UInt8(ascii: "-"))
        write(twoDigits: date.day)
        write(UInt8(ascii: "T"))
        write(twoDigits: milliseconds / 3_600_000)
        write(UInt8(ascii: ":"))
        write(twoDigits: milliseconds / 60_000 % 60)
        write(UInt8(ascii: ":"))
        write(twoDigits: milliseconds / 1_000 % 60)
        let rest = milliseconds % 1_000
        if rest != 0 {
            write(UInt8(ascii: "."))
            write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / 100))
            write(twoDigits: rest % 100)
        }
        write(UInt8(ascii: "Z"))
    }

    @inline(__always) private mutating func write(twoDigits value: Int) {
        write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10))
        write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// - Parameter text: its first character in the highest byte.
    @inline(__always) private mutating func write(eight text: UInt64) {
        // Safe: a number has no padding, and the room is checked.
        unsafe append(text.bigEndian, as: UInt64.self)
    }

    @inline(__always) private mutating func write(four text: UInt32) {
        // As above.
        unsafe append(text.bigEndian, as: UInt32.self)
    }
}

extension UInt64 {
    fileprivate var upperHalf: UInt32 { UInt32(truncatingIfNeeded: self >> 32) }
    fileprivate var lowerHalf: UInt32 { UInt32(truncatingIfNeeded: self) }
}

extension String {
    /// - Parameter write: writes UTF-8, no more of it than `capacity` bytes.
    package init(capacity: Int, _ write: (inout OutputRawSpan) -> Void) {
        // Safe: the span does not outlive the memory, and what it says it wrote is written.
        unsafe self.init(unsafeUninitializedCapacity: capacity) { memory in
            let bytes = UnsafeMutableRawBufferPointer(memory)
            var span = unsafe OutputRawSpan(buffer: bytes, initializedCount: 0)
            write(&span)
            return unsafe span.finalize(for: bytes)
        }
    }
}
