import Logging
import NIOCore
import NIOPosix
import PrivateServers
import SaleCore
import SaleService

@testable import RedisStock

/// A sale of its own in a real Redis, with a lane and a stock store.
struct TestSale {
    var sale: Sale
    let stock: RedisStockStore
    let lane: LaneOnLoop
    /// Sends every batch to `reserve.lua`, whatever it holds.
    var usesGeneralScript = false

    var id: SaleID { sale.id }
    var keys: SaleKeys { SaleKeys(sale.id) }

    /// Decides `requests` under the sale's epoch.
    func reserve(_ requests: [ReservationRequest], epoch: Epoch? = nil) async throws -> ReservationReply {
        let batch = ReservationBatch(sale: id, epoch: epoch ?? sale.epoch, requests: requests)
        guard usesGeneralScript else { return try await lane.reserve(batch).get() }
        let reply = try await stock.call { ReserveCall.writeOfAnyItems(batch, PreparedCalls(batch.sale), into: &$0) }
        guard case .bytes(let bytes) = reply, let read = ReserveCall.reply(from: bytes, requestCount: requests.count) else {
            throw Unreadable(reply: reply)
        }
        return read
    }

    /// The verdicts on `requests`; anything but a decision is an error.
    func verdicts(_ requests: ReservationRequest...) async throws -> [ReservationVerdict] {
        try await verdicts(requests)
    }

    func verdicts(_ requests: [ReservationRequest]) async throws -> [ReservationVerdict] {
        let reply = try await reserve(requests)
        guard case .decided(_, let verdicts) = reply else { throw NotDecided(reply: reply) }
        return verdicts
    }

    struct Unreadable: Error {
        let reply: RedisValue
    }

    struct NotDecided: Error {
        let reply: ReservationReply
    }

    func item(_ sku: String = "x") async throws -> StockReading.Item? {
        try await stock.read(id)?.items[SKU(sku)!]
    }

    func available(_ sku: String = "x") async throws -> Int64? {
        try await item(sku)?.available
    }

    /// The buyer's entry as Redis holds it.
    func entry(of user: String, sku: String = "x") async throws -> String? {
        try await stock.call(["HGET", keys.buyers, "\(sku) \(user)"]).text
    }

    func logCount() async throws -> Int64? {
        try await stock.call(["HLEN", keys.log]).number
    }

    /// Replaces what Redis holds of the sale, as recovery does.
    func rebuild(_ entries: [RebuildEntry] = []) async throws -> SyncOutcome {
        try await stock.beginRebuild(of: id, epoch: sale.epoch, keeping: [])
        try await stock.rebuild(entries, of: id, epoch: sale.epoch)
        return try await stock.endRebuild(of: sale)
    }

    /// Every key of the sale with all that it holds, to see that nothing was written.
    func dump() async throws -> [RedisValue] {
        var contents: [RedisValue] = []
        for key in [keys.sale, keys.stock, keys.buyers, keys.keys, keys.log] { contents.append(try await stock.call(["DUMP", key])) }
        return contents
    }
}

/// Gives `body` a loaded sale: open for an hour, epoch 1, the scripts loaded.
func withTestSale(
    on url: String? = nil, items: [SaleItem] = [.test("x", units: 10)], status: SaleStatus = .open, opensIn: Int64 = -3_600_000,
    closesIn: Int64 = 3_600_000, replyTimeout: Int64 = 5_000, _ body: (inout TestSale) async throws -> Void
) async throws {
    let url = if let url { url } else { try await SharedServers.redis.get().url }
    let stock = RedisStockStore(url: try RedisURL(url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .silent)
    let lane = try LaneOnLoop(url, replyTimeout: .milliseconds(replyTimeout))
    let result: Result<Void, any Error>
    do {
        // A loop on which many tests begin at once may be late for the first attempt.
        try await eventually { (try? await stock.connect()).map { true } }
        let now = try await stock.now()
        let sale = Sale(
            id: .random(), title: "Test", status: status, opensAt: now.advanced(milliseconds: opensIn),
            closesAt: now.advanced(milliseconds: closesIn), payWithinMilliseconds: 900_000, version: 1, epoch: 1, provenRun: "", items: items)
        var test = TestSale(sale: sale, stock: stock, lane: lane)
        _ = try await test.rebuild()
        try await stock.loadScripts()
        try await lane.connect()
        _ = try await lane.connectedRun()
        result = .success(try await body(&test))
    } catch {
        result = .failure(error)
    }
    try await lane.close()
    await stock.close()
    try result.get()
}

/// Gives `body` a loaded sale twice: one where a batch goes to the script that takes it, and one
/// where all go to `reserve.lua`.
func withBothScripts(
    items: [SaleItem] = [.test("x", units: 10)], status: SaleStatus = .open, opensIn: Int64 = -3_600_000, closesIn: Int64 = 3_600_000,
    _ body: (inout TestSale) async throws -> Void
) async throws {
    for usesGeneralScript in [false, true] {
        try await withTestSale(items: items, status: status, opensIn: opensIn, closesIn: closesIn) { test async throws in
            test.usesGeneralScript = usesGeneralScript
            try await body(&test)
        }
    }
}

extension SaleID {
    static func random() -> SaleID { SaleID("t-\(UInt64.random(in: .min ... .max))")! }
}

extension OrderID {
    static func random() -> OrderID { OrderID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)) }
}

extension SaleItem {
    static func test(_ sku: String, units: Int64, committed: Int64 = 0, limit: Int = 1, version: Int64 = 1) -> SaleItem {
        SaleItem(
            sku: SKU(sku)!, title: sku, unitPrice: 100, currency: Currency("CNY")!, loaded: units, committed: committed, limitPerUser: limit,
            version: version)
    }
}

extension ReservationRequest {
    static func test(_ user: String, _ quantity: Int = 1, of sku: String = "x", key: String? = nil, id: OrderID = .random()) -> ReservationRequest {
        ReservationRequest(
            order: id, purchase: Purchase(user: UserID(user)!, sku: SKU(sku)!, quantity: quantity, key: key.map { IdempotencyKey($0)! }))
    }
}
