import NIOCore
import SaleCore

/// Commands as RESP writes them: an array of bulk strings, written straight into the buffer that
/// goes to the socket.
extension ByteBuffer {
    /// `*3\r\n`: a command of `count` words, itself included, follows.
    mutating func writeCommandHeader(wordCount count: Int) {
        writeHeader(UInt8(ascii: "*"), count)
    }

    mutating func writeWord(_ text: String) {
        writeHeader(UInt8(ascii: "$"), text.utf8.count)
        writeString(text)
        writeLineEnd()
    }

    mutating func writeWord(_ bytes: [UInt8]) {
        writeHeader(UInt8(ascii: "$"), bytes.count)
        writeBytes(bytes)
        writeLineEnd()
    }

    mutating func writeWord(_ id: OrderID) {
        writeHeader(UInt8(ascii: "$"), 36)
        writeWithOutputRawSpan(minimumWritableBytes: 36) { $0.write(id) }
        writeLineEnd()
    }

    mutating func writeWord(_ number: Int64) {
        precondition(number >= 0, "no command of ours has a negative number")
        writeHeader(UInt8(ascii: "$"), OutputRawSpan.digitCount(number))
        writeDigits(number)
        writeLineEnd()
    }

    mutating func writeCommand(_ words: [String]) {
        writeCommandHeader(wordCount: words.count)
        for word in words { writeWord(word) }
    }

    private mutating func writeHeader(_ marker: UInt8, _ count: Int) {
        switch count {
        case 0..<10:
            writeMultipleIntegers(marker, UInt8(ascii: "0") + UInt8(count), UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        case 10..<100:
            writeMultipleIntegers(
                marker, UInt8(ascii: "0") + UInt8(count / 10), UInt8(ascii: "0") + UInt8(count % 10), UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        default:
            writeInteger(marker)
            writeDigits(Int64(count))
            writeLineEnd()
        }
    }

    private mutating func writeLineEnd() {
        writeMultipleIntegers(UInt8(ascii: "\r"), UInt8(ascii: "\n"))
    }

    private mutating func writeDigits(_ number: Int64) {
        writeWithOutputRawSpan(minimumWritableBytes: 20) { $0.write(decimal: Int(number)) }
    }
}
