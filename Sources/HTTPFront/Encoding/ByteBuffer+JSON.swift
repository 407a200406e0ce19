package import NIOCore
package import SaleCore

/// JSON by hand: no encoder, no `String` per value.
extension ByteBuffer {
    /// Writes `value` in decimal.
    package mutating func writeDecimal(_ value: some FixedWidthInteger & Sendable) {
        writeText(bytesMax: 20) { emit in
            if value < 0 { emit(UInt8(ascii: "-")) }
            let magnitude = UInt64(value.magnitude)
            var unit: UInt64 = 1
            while magnitude / unit >= 10 { unit *= 10 }
            while unit > 0 {
                emit(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / unit % 10))
                unit /= 10
            }
        }
    }

    /// Writes `text` between quotes, escaped as RFC 8259, section 7, demands and no further.
    package mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.mustBeEscaped) {
            for byte in text.utf8 { writeJSONStringByte(byte) }
        } else {
            writeString(text)
        }
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes an instant between quotes, as RFC 3339 in UTC.
    package mutating func writeQuoted(_ instant: Timestamp) {
        writeInteger(UInt8(ascii: "\""))
        writeText(bytesMax: 32, instant.forEachTextByte)
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes an order's id, without quotes.
    package mutating func writeText(of id: OrderID) {
        writeText(bytesMax: 36) { emit in id.forEachTextByte(emit) }
    }

    private mutating func writeText(bytesMax: Int, _ generate: ((UInt8) -> Void) -> Void) {
        writeWithOutputRawSpan(minimumWritableBytes: bytesMax) { span in generate { span.append($0) } }
    }

    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeJSONStringByte(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case UInt8(ascii: "\n"): writeStaticString("\\n")
        case UInt8(ascii: "\r"): writeStaticString("\\r")
        case UInt8(ascii: "\t"): writeStaticString("\\t")
        case 0..<0x20:
            writeStaticString("\\u00")
            writeInteger(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            writeInteger("0123456789abcdef".utf8[byte: byte & 0xF])
        default: writeInteger(byte)
        }
    }
}

extension String.UTF8View {
    fileprivate subscript(byte offset: UInt8) -> UInt8 { self[index(startIndex, offsetBy: Int(offset))] }
}
