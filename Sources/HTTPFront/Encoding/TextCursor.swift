import NIOCore
import SaleCore

/// Writes text straight into memory: one check of the room for a whole answer, rather than one per piece of it.
struct TextCursor {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func write(_ text: StaticString) {
        copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    mutating func write(decimal value: Int) {
        precondition(value >= 0, "no number in an order is negative")
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = value
        for index in (count..<count + digits).reversed() {
            memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    mutating func write(_ id: OrderID) {
        id.forEachTextByte { write($0) }
    }

    mutating func write(_ instant: Timestamp) {
        instant.forEachTextByte { write($0) }
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
