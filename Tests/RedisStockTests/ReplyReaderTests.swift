import NIOCore
import Testing

@testable import RedisStock

@Suite struct ReplyReaderTests {
    private static func replies(_ chunks: [String]) throws(ReplyReader.ProtocolError) -> [RedisValue] {
        var reader = ReplyReader()
        var values: [RedisValue] = []
        for chunk in chunks {
            let bytes = ByteBuffer(string: chunk)
            try reader.feed(bytes.readableBytesSpan)
            while let value = try reader.next() { values.append(value) }
        }
        return values
    }

    private static let everyKind = "+OK\r\n:-42\r\n$3\r\na\0b\r\n$-1\r\n*-1\r\n-ERR no\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\n"
    private static let everyValue: [RedisValue] = [
        .bytes(Array("OK".utf8)), .integer(-42), .bytes(Array("a\0b".utf8)), .null, .null, .error("ERR no"),
        .array([.integer(1), .array([.bytes([])])]),
    ]

    @Test func everyKindOfReplyIsRead() throws {
        #expect(try Self.replies([Self.everyKind]) == Self.everyValue)
    }

    @Test func repliesMayArriveByteByByte() throws {
        #expect(try Self.replies(Self.everyKind.unicodeScalars.map { String($0) }) == Self.everyValue)
    }

    @Test(arguments: ["?\r\n", "$x\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "HTTP/1.1 400 Bad Request\r\n"])
    func whatIsNoReplyIsAnError(text: String) {
        #expect(throws: ReplyReader.ProtocolError.self) { try Self.replies([text]) }
    }

    @Test func aReplyWithoutEndIsAnErrorBeforeItFillsTheMemory() throws {
        var reader = ReplyReader()
        let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
        let start = ByteBuffer(string: "$999999999\r\n")
        try reader.feed(start.readableBytesSpan)
        var fed = 0
        #expect(throws: ReplyReader.ProtocolError.self) {
            while fed <= 2 * ReplyReader.replyBytesMax {
                try reader.feed(chunk.readableBytesSpan)
                fed += chunk.readableBytes
                _ = try reader.next()
            }
        }
        #expect(fed <= ReplyReader.replyBytesMax)
    }
}
