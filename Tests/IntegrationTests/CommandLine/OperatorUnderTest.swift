import Foundation
import Logging
import NIOPosix
import PostgresLedger
import PrivateServers
import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// An operator's shell: a fresh database with the schema, and the shared Redis, where the sale's
/// name is nobody else's.
struct OperatorUnderTest: Sendable {
    let seckill: SeckillCommand
    let sale: String
    var saleID: SaleID { SaleID(sale)! }
    let redisURL: String
    let databaseURL: String

    /// 100 units of `lamp`, one per user.
    var yaml: String {
        """
        sale: \(sale)
        title: Lamps
        opens_at: 2026-01-01T00:00:00Z
        closes_at: 2036-01-01T00:00:00Z
        pay_within: 15m
        items:
          - { sku: lamp, title: Lamp, unit_price: 1999, currency: EUR, stock: 100, limit_per_user: 1 }
        """
    }

    func apply() async throws {
        let outcome = try await seckill("sale", "apply", "-f", "-", input: yaml)
        try #require(outcome.status == 0, "\(outcome.messages)")
    }

    /// Records `numbers` as committed orders of one lamp each, as the service would, without
    /// telling Redis.
    func commit(_ numbers: Range<Int>, user: String? = nil) async throws {
        let journal = PostgresJournal(address: try PostgresAddress(databaseURL))
        let verdicts = try await journal.commit(numbers.map { reservation($0, user: user, sku: SKU("lamp")!, sale: saleID) })
        try #require(verdicts.committedCount == numbers.count)
    }

    /// Leaves Redis as a failover of Postgres to a standby that lags leaves it: orders of one lamp
    /// each were granted, committed and settled, and Postgres has none.
    ///
    /// - Returns: their ids, in the order of `buyers`.
    func lose(_ buyers: [(user: String, key: String?)]) async throws -> [OrderID] {
        let lane = try LaneOnLoop(redisURL)
        try await lane.connect()
        _ = try await lane.connectedRun()
        let requests = buyers.map { ReservationRequest.test($0.user, of: "lamp", key: $0.key) }
        let sale = try #require(try await PostgresCatalog(address: try PostgresAddress(databaseURL)).sale(saleID))
        let reply = try await lane.reserve(ReservationBatch(sale: saleID, epoch: sale.epoch, requests: requests)).get()
        try await lane.close()
        guard case .decided(_, let verdicts) = reply, verdicts.allSatisfy({ $0 == .granted }) else { throw TestSale.NotDecided(reply: reply) }
        try await withStock { try await $0.settle(Settlement(sale: saleID, committed: requests.map(\.order))) }
        return requests.map(\.order)
    }

    /// Moves what Redis would still sell, behind everybody's back.
    func moveAvailable(by units: Int) async throws {
        try await withStock { _ = try await $0.call(["HINCRBY", SaleKeys(saleID).stock, "a:lamp", String(units)]) }
    }

    private func withStock(_ body: (RedisStockStore) async throws -> Void) async throws {
        let store = RedisStockStore(url: try RedisURL(redisURL), eventLoopGroup: .singletonMultiThreadedEventLoopGroup, logger: Logger(label: "test"))
        try await store.connect()
        try await body(store)
        await store.close()
    }

    /// The lines that commands have left in the audit trail of the sale, oldest first.
    func auditTrail() async throws -> [String] {
        try await LedgerUnderTest(url: databaseURL).lines("SELECT unnest(changes) FROM operator_audit WHERE sale_id = '\(sale)' ORDER BY id")
    }

    /// The lamp's loaded, committed and available units, as `stock show` prints them.
    func stock() async throws -> [Int?] {
        let items = try await seckill("stock", "show", "--sale", sale, "-o", "json").json()["items"] as? [[String: Any]]
        let lamp = items?.first { $0["sku"] as? String == "lamp" }
        return [lamp?["stock"] as? Int, lamp?["committed"] as? Int, lamp?["available"] as? Int]
    }
}

/// Gives `body` a shell with the schema applied and no sale.
func withOperator(_ body: (OperatorUnderTest) async throws -> Void) async throws {
    try await withRedis { redis in
        // Nodes that other tests have killed will never obey.
        try await redis.command("DEL seckill:nodes")
        try await withPostgres { url in
            let seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url])
            let migration = try await seckill("migrate")
            try #require(migration.status == 0, "\(migration.messages)")
            let sale = "op-\(UInt64.random(in: .min ... .max))"
            try await body(OperatorUnderTest(seckill: seckill, sale: sale, redisURL: redis.url, databaseURL: url))
        }
    }
}
