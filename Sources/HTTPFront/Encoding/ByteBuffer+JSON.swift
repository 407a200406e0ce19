package import NIOCore
package import SaleCore

/// JSON by hand: no encoder, no `String` per value.
extension ByteBuffer {
    /// Writes `value` in decimal.
    package mutating func writeDecimal(_ value: some FixedWidthInteger & Sendable) {
        writeWithOutputRawSpan(minimumWritableBytes: 20) { span in
            if value < 0 { span.write(UInt8(ascii: "-")) }
            span.write(decimal: UInt64(value.magnitude))
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
        writeWithOutputRawSpan(minimumWritableBytes: 24) { $0.write(instant) }
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes an order's id, without quotes.
    package mutating func writeText(of id: OrderID) {
        writeWithOutputRawSpan(minimumWritableBytes: 36) { $0.write(id) }
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
