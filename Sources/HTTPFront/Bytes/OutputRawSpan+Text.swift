import SaleCore

/// Writes text straight into memory: room is made once for a whole answer, and each piece is checked against it, in a release, too.
extension OutputRawSpan {
    mutating func write(_ text: StaticString) {
        write(text.bytes)
    }

    mutating func write(_ text: String) {
        // Safe: of bytes, none is padding.
        unsafe write(text.utf8Span.span.bytes)
    }

    mutating func write(_ byte: UInt8) {
        append(byte)
    }

    /// - Parameter value: not negative.
    mutating func write(decimal value: Int) {
        precondition(value >= 0, "no number in an order is negative")
        let head = value / 100_000_000
        if head > 0 { write(decimal: head) }
        // Eight digits at most, the first in the lowest byte: divided by a constant, and without a place to put them.
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

    mutating func write(_ id: OrderID) {
        id.forEachTextByte { append($0) }
    }

    mutating func write(_ instant: Timestamp) {
        instant.forEachTextByte { append($0) }
    }

    mutating func write(_ bytes: RawSpan) {
        precondition(bytes.byteCount <= freeCapacity, "there is no room for a text")
        // Safe: the room was checked, and neither pointer leaves its closure.
        unsafe withUnsafeMutableBytes { memory, count in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
            count += bytes.byteCount
        }
    }
}
