import Foundation
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import Testing

/// What several sales and several nodes do to each other.
@Suite(.timeLimit(.minutes(5))) struct ManySalesTests {
    private static let saleCount = 24

    @Test func afterARestartOfRedisEverySaleIsRebuiltOnceByOneOfTheNodes() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let redis = try await PrivateRedis.start(directory: "\(directory.path)/redis")
        try await withStores(redis: redis) { stores in
            let sales = try await Self.makeSales(stores)
            try await withService(over: stores) { one in
                try await withService(over: stores) { other in
                    for sale in sales { try await one.sees(sale, "open") }
                    let before = try await Self.epochs(stores)
                    await redis.kill()
                    let again = try await PrivateRedis.start(directory: "\(directory.path)/redis", port: redis.port)
                    for (index, sale) in sales.enumerated() {
                        let service = index % 2 == 0 ? one : other
                        let answer = try await service.eventually(for: .seconds(60)) {
                            try await service.buy(sale, as: "ann")
                        } until: {
                            $0.status == 201
                        }
                        #expect(answer.status == 201)
                    }
                    #expect(try await Self.epochs(stores) == before.mapValues { Epoch($0.number + 1) })
                    await again.kill()
                }
            }
        }
        await redis.kill()
    }

    @Test func aMadeUpOrderCostsAFewCommandsHoweverManySalesThereAre() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sales = try await Self.makeSales(stores)
                try await withService(over: stores, ["SECKILL_LIMIT_ORDERS": "off"]) { service in
                    for sale in sales { try await service.sees(sale, "open") }
                    let requests = 60
                    let before = try await Self.lookUps(redis)
                    for _ in 0..<requests { #expect(try await service.order(Self.madeUpOrder(), as: "ann").status == 404) }
                    let commands = try await Self.lookUps(redis) - before
                    #expect((1...3 * requests).contains(commands), "\(commands) commands for \(requests) requests")
                }
            }
        }
    }

    /// As it stands in the log while nodes of two versions run.
    @Test func anOrderWhoseIDHintsAtNoSaleIsFoundInTheLogButNotSearchedForAllTheTime() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sales = try await Self.makeSales(stores)
                try await withService(over: stores, ["SECKILL_LIMIT_ORDERS": "off"]) { service in
                    for sale in sales { try await service.sees(sale, "open") }
                    let (old, made) = (Self.madeUpOrder(), Self.madeUpOrder())
                    // Granted in the future, so that the sweep leaves it alone.
                    let grantedAt = Int64(Date().timeIntervalSince1970 * 1_000) + 600_000
                    try await redis.command("HSET seckill:{\(sales[7]):0}:log \(old) \"phone-x ann 1 \(grantedAt) 1\"")
                    let found = try await service.order(old, as: "ann")
                    #expect(found.status == 200 && found.json["state"] as? String == "reserved", "\(found.text)")
                    #expect(try await service.order(made, as: "ann").status == 503)
                }
            }
        }
    }

    @Test func anOrderWhoseIDHintsAtItsSaleIsLookedForThereAlone() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sales = try await Self.makeSales(stores)
                try await withService(over: stores, ["SECKILL_LIMIT_ORDERS": "off"]) { service in
                    for sale in sales { try await service.sees(sale, "open") }
                    var generator = OrderIDGenerator(random: SystemRandomNumberGenerator())
                    let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
                    let ids = sales.map { generator.next(at: now, hint: SaleHint(of: $0)) }
                    try await redis.command(
                        "HSET seckill:{\(sales[7]):0}:log \(ids[7]) \"phone-x ann 1 \(now.milliseconds + 600_000) 1\"")
                    for (index, id) in ids.enumerated() {
                        #expect(try await service.order("\(id)", as: "ann").status == (index == 7 ? 200 : 404))
                    }
                }
            }
        }
    }

    /// A UUID of version 7 that hints at no sale.
    private static func madeUpOrder() -> String {
        let id = OrderID(
            high: UInt64(Date().timeIntervalSince1970 * 1_000) << 16 | 0x7000 | UInt64.random(in: 0...0xFFF),
            low: UInt64.random(in: .min ... .max) >> 2 | 0x8010_0000_0000_0000)
        return id.description
    }

    private static func makeSales(_ stores: StoresUnderTest) async throws -> [SaleID] {
        var sales: [SaleID] = []
        for _ in 0..<saleCount { sales.append(try await stores.makeSale(stock: 5)) }
        return sales
    }

    private static func epochs(_ stores: StoresUnderTest) async throws -> [SaleID: Epoch] {
        Dictionary(uniqueKeysWithValues: try await stores.ledger.sales().map { ($0.id, $0.epoch) })
    }

    /// How often Redis was asked for one entry of a log, or whether there is one; looks ask
    /// otherwise.
    private static func lookUps(_ redis: PrivateRedis) async throws -> Int {
        try await redis.calls(of: "hget", "exists")
    }
}

extension ServiceUnderTest {
    fileprivate func order(_ id: String, as user: String) async throws -> Answer {
        try await send(.GET, "/v1/orders/\(id)", headers: [("X-User-Id", user)])
    }
}
