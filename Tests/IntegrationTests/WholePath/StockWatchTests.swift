import Logging
import NIOHTTP1
import NIOPosix
import PostgresLedger
import SaleCore
import SaleService
import Testing

@testable import RedisStock

@Suite struct StockWatchTests {
    @Test func postgresCountsTheUnitsOfASale() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 10, items: ["phone-x", "phone-y"])
            try await withService(over: stores) { service in
                for number in 0..<3 {
                    let answer = try await service.buy(sale, as: "user-\(number)")
                    #expect(answer.status == 201)
                }
            }
            let orders = PostgresOrders(address: try PostgresAddress(stores.databaseURL))
            let totals = try await orders.totals(of: [sale, SaleID("nobody")!])
            #expect(totals == [sale: StockTotals(loaded: 20, committed: 3, moves: 0)])
        }
    }

    /// A hand in Redis: what nothing of ours changed is found, too.
    @Test func unitsThatAHandTakesAwayShowInTheMetrics() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 10)
            try await withService(over: stores) { service in
                func shows(_ line: String) async throws {
                    _ = try await service.eventually(for: .seconds(40)) {
                        try await service.send(.GET, "/metrics", base: "http://\(service.admin)")
                    } until: {
                        $0.text.contains(line)
                    }
                }
                try await shows("seckill_stock_units{sale=\"\(sale)\",state=\"available\"} 10\n")
                try await take(2, of: sale, in: stores)
                try await shows("seckill_stock_missing_units{sale=\"\(sale)\"} 2\n")
            }
        }
    }

    private func take(_ units: Int, of sale: SaleID, in stores: StoresUnderTest) async throws {
        let store = RedisStockStore(
            url: try RedisURL(stores.redisURL), eventLoopGroup: .singletonMultiThreadedEventLoopGroup, logger: Logger(label: "test"))
        try await store.connect()
        _ = try await store.call(["HINCRBY", SaleKeys(sale).stock, "a:phone-x", "\(-units)"])
        await store.close()
    }
}
