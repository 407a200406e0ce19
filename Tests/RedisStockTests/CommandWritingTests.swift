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
            order: OrderID(high: 1, low: 2),
            purchase: Purchase(user: try #require(UserID("u-1")), sku: try #require(SKU("phone-x")), quantity: 2, key: nil))
        var keyed = request
        keyed.purchase.key = IdempotencyKey("k")
        #expect(
            try Self.words(of: ReservationBatch(sale: sale, epoch: 7, requests: [request, keyed])) == [
                "EVALSHA", String(decoding: StockScript.reserve.digest, as: UTF8.self), "6",
                "seckill:{demo:0}:sale", "seckill:{demo:0}:stock", "seckill:{demo:0}:buyers", "seckill:{demo:0}:keys", "seckill:{demo:0}:log",
                "seckill:changes", "7",
                "00000000-0000-0001-0000-000000000002", "phone-x 2", "u-1",
                "00000000-0000-0001-0000-000000000002", "phone-x 2", "u-1 k",
            ])
    }

    @Test func aBatchOfOneItemAndQuantityWithoutKeysNamesThemOnce() throws {
        let sale = try #require(SaleID("demo"))
        let requests = try (1...2).map {
            ReservationRequest(
                order: OrderID(high: 1, low: UInt64($0)),
                purchase: Purchase(user: try #require(UserID("u-\($0)")), sku: try #require(SKU("phone-x")), quantity: 2, key: nil))
        }
        #expect(
            try Self.words(of: ReservationBatch(sale: sale, epoch: 7, requests: requests)) == [
                "EVALSHA", String(decoding: StockScript.reserveItem.digest, as: UTF8.self), "5",
                "seckill:{demo:0}:sale", "seckill:{demo:0}:stock", "seckill:{demo:0}:buyers", "seckill:{demo:0}:log", "seckill:changes", "7",
                "phone-x 2", "00000000-0000-0001-0000-000000000001", "u-1", "00000000-0000-0001-0000-000000000002", "u-2",
            ])
    }

    @Test(arguments: [(2, "phone-x", "k"), (1, "phone-x", nil), (2, "phone-y", nil)] as [(Int, String, String?)])
    func aRequestThatDiffersSendsTheBatchToTheGeneralScript(quantity: Int, sku: String, key: String?) throws {
        let usual = ReservationRequest(
            order: OrderID(high: 1, low: 2),
            purchase: Purchase(user: try #require(UserID("u-1")), sku: try #require(SKU("phone-x")), quantity: 2, key: nil))
        var other = usual
        (other.purchase.quantity, other.purchase.sku, other.purchase.key) = (quantity, try #require(SKU(sku)), key.flatMap { IdempotencyKey($0) })
        for requests in [[usual, other], [other, usual], [usual, other, usual]] {
            let words = try Self.words(of: ReservationBatch(sale: try #require(SaleID("demo")), epoch: 7, requests: requests))
            #expect(words[1] == String(decoding: StockScript.reserve.digest, as: UTF8.self))
        }
    }

    /// Of the one command that `batch` is sent as.
    private static func words(of batch: ReservationBatch) throws -> [String] {
        let text = written { ReserveCall.write(batch, PreparedCalls(batch.sale), into: &$0) }
        var reader = ReplyReader()
        try reader.feed(ByteBuffer(string: text).readableBytesSpan)
        let words = try #require(try reader.next()?.elements).map { try #require($0.text) }
        #expect(try reader.next() == nil)
        return words
    }

    @Test func preparedCallsAreForgottenBeforeTheyAreTooMany() throws {
        var cache = PreparedCallCache()
        for index in 0..<3 * PreparedCallCache.salesMax {
            let sale = try #require(SaleID("s\(index)"))
            #expect(cache.calls(of: sale).keys.log == "seckill:{s\(index):0}:log")
        }
    }
}
