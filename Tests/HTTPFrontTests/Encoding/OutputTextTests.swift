import NIOCore
import SaleCore
import Testing

@testable import HTTPFront

@Suite struct OutputTextTests {
    @Test(arguments: [
        0, 1, 9, 10, 99, 12_345_678, 99_999_999, 100_000_000, 100_000_001, 1_000_000_000_000, 10_000_000_000_000_000, 9_999_999_999_999_999, .max,
    ])
    func aNumberIsWrittenAsItReads(value: Int) {
        var buffer = ByteBuffer()
        buffer.writeWithOutputRawSpan(minimumWritableBytes: 20) { $0.write(decimal: value) }
        #expect(String(buffer: buffer) == "\(value)")
        buffer.clear()
        buffer.writeDecimal(-Int64(value))
        #expect(String(buffer: buffer) == "\(-value)")
    }

    @Test func theLargestNumbersAreWritten() {
        var buffer = ByteBuffer()
        buffer.writeWithOutputRawSpan(minimumWritableBytes: 20) { $0.write(decimal: UInt64.max) }
        buffer.writeDecimal(Int64.min)
        #expect(String(buffer: buffer) == "\(UInt64.max)\(Int64.min)")
    }

    @Test func textsStandOneBehindTheOther() {
        var buffer = ByteBuffer(string: "<")
        buffer.writeWithOutputRawSpan(minimumWritableBytes: 32) { span in
            span.write("a static text, ")
            span.write(String("张三"))
            span.write(UInt8(ascii: "!"))
            span.write("")
        }
        #expect(String(buffer: buffer) == "<a static text, 张三!")
    }
}
