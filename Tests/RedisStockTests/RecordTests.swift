import SaleCore
import SaleService
import Testing

@testable import RedisStock

@Suite struct RecordTests {
    private static func value(_ text: String) -> RedisValue { .bytes(Array(text.utf8)) }

    @Test(arguments: [("", nil), ("     ", nil), ("k-1", "k-1"), ("k-1     ", "k-1")])
    func anEntryOfTheLogIsRead(text: String, key: String?) throws {
        let sale = try #require(SaleID("demo"))
        let id = OrderID(high: 1, low: 2)
        let read = LogRecord.reservation(order: Self.value(id.description), record: Self.value("phone-x u-1 2 1700000000000 7 \(text)"), sale: sale)
        #expect(
            read
                == Reservation(
                    ReservationRequest(
                        order: id,
                        purchase: Purchase(
                            user: try #require(UserID("u-1")), sku: try #require(SKU("phone-x")), quantity: 2, key: key.flatMap { IdempotencyKey($0) }
                        )),
                    of: sale, epoch: 7, grantedAt: Timestamp(milliseconds: 1_700_000_000_000)))
    }

    @Test(arguments: ["", "phone-x u-1 2 170", "phone-x u-1 x 170 7 ", "PHONE u-1 2 170 7 ", "phone-x u-1 2 170 7 a b"])
    func anEntryThatIsNotOursIsRefused(text: String) throws {
        let sale = try #require(SaleID("demo"))
        #expect(LogRecord.reservation(order: Self.value(OrderID(high: 1, low: 2).description), record: Self.value(text), sale: sale) == nil)
    }

    @Test func stockFieldsAreGatheredPerSKU() throws {
        let pairs = ["a:x", "3", "l:x", "1", "n:x", "5", "c:x", "2", "v:x", "9"].map(Self.value)
        #expect(StockFields.items(from: pairs) == [try #require(SKU("x")): StockReading.Item(available: 3, loaded: 5, stockVersion: 9)])
    }

    @Test func aMissingStockFieldIsNeverZero() {
        #expect(StockFields.items(from: ["a:x", "3", "n:x", "5"].map(Self.value)) == nil)
        #expect(StockFields.items(from: ["a:x", "lots", "n:x", "5", "v:x", "1"].map(Self.value)) == nil)
    }

    @Test func theIdentityComesFromINFO() {
        let text = "# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\nmaster_replid:def\r\nloading:0\r\naof_enabled:1\r\nrole:master\r\n"
        #expect(
            ServerInfo(text)?.identity == StoreIdentity(run: "abc/def", isPrimary: true, isAppendOnly: true, evictionPolicy: "", version: "7.0.15"))
        #expect(ServerInfo(text + "maxmemory_policy:allkeys-lru\r\n")?.identity.evictionPolicy == "allkeys-lru")
        #expect(ServerInfo(text)?.isLoading == false)
        #expect(ServerInfo(text.replacing("role:master", with: "role:slave"))?.identity.isPrimary == false)
        #expect(ServerInfo(text.replacing("loading:0", with: "loading:1"))?.isLoading == true)
        #expect(ServerInfo(text.replacing("run_id", with: "other")) == nil)
        #expect(ServerInfo(text.replacing("master_replid", with: "other")) == nil)
    }
}
