import NIOCore
import Testing

@testable import RedisStock

@Suite struct DigitsTests {
    @Test(arguments: [0, 1, 9, 10, 99, 99_999_999, 100_000_000, 100_000_001, 10_000_000_000_000_000, .max] as [Int64])
    func aNumberIsWrittenAsItReads(number: Int64) {
        var buffer = ByteBuffer()
        buffer.writeWord(number)
        let text = "\(number)"
        #expect(String(buffer: buffer) == "$\(text.count)\r\n\(text)\r\n")
    }
}
