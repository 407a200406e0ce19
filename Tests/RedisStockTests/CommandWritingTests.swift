import NIOCore
import SaleCore
import SaleService
import Testing

@testable import RedisStock

@Suite struct CommandWritingTests {
    private static func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        write(&buffer)
        return String(buffer: buffer)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 255, 1_000])
    func aWordIsPrecededByItsLength(count: Int) {
        let word = String(repeating: "x", count: count)
        #expect(Self.written { $0.writeWord(word) } == "$\(count)\r\n\(word)\r\n")
    }

    @Test func theLengthCountsBytesNotCharacters() {
        #expect(Self.written { $0.writeWord("é") } == "$2\r\né\r\n")
    }

    @Test(arguments: [0, 9, 10, 99, 100, 1_000_000_000, Int64.max])
    func aNumberIsWrittenInDigits(number: Int64) {
        #expect(Self.written { $0.writeWord(number) } == "$\(String(number).count)\r\n\(number)\r\n")
    }

    @Test func anOrderIDIsWrittenAsItsText() throws {
        let text = "0198c5b2-0000-7abc-8def-0123456789ab"
        let id = try #require(OrderID(text))
        #expect(Self.written { $0.writeWord(id) } == "$36\r\n\(text)\r\n")
    }

    @Test func aBatchIsOneCommandWithAsManyWordsAsItsHeaderSays() throws {
        let sale = try #require(SaleID("demo"))
        let request = ReservationRequest(
            order: OrderID(high: 1, low: 2), user: try #require(UserID("u-1")), sku: try #require(SKU("phone-x")), quantity: 2, key: nil)
        var keyed = request
        keyed.key = IdempotencyKey("k")
        let batch = ReservationBatch(sale: sale, epoch: 7, requests: [request, keyed])
        let text = Self.written { ReserveCall.write(batch, PreparedCalls(sale), into: &$0) }
        var reader = ReplyReader()
        var words: [String] = []
        let bytes = ByteBuffer(string: text)
        try reader.feed(bytes.readableBytesSpan)
        for element in try #require(try reader.next()?.elements) { words.append(try #require(element.text)) }
        #expect(
            words == [
                "EVALSHA", String(decoding: StockScript.reserve.digest, as: UTF8.self), "6",
                "seckill:{demo:0}:sale", "seckill:{demo:0}:stock", "seckill:{demo:0}:buyers", "seckill:{demo:0}:keys", "seckill:{demo:0}:log",
                "seckill:changes", "7",
                "00000000-0000-0001-0000-000000000002", "phone-x 2", "u-1",
                "00000000-0000-0001-0000-000000000002", "phone-x 2", "u-1 k",
            ])
        #expect(try reader.next() == nil)
    }

    @Test func preparedCallsAreForgottenBeforeTheyAreTooMany() throws {
        var cache = PreparedCallCache()
        for index in 0..<3 * PreparedCallCache.salesMax {
            let sale = try #require(SaleID("s\(index)"))
            #expect(cache.calls(of: sale).keys.log == "seckill:{s\(index):0}:log")
        }
    }
}
