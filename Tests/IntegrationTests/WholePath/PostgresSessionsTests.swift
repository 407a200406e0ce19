import NIOHTTP1
import PostgresLedger
import SaleCore
import SaleService
import Testing

@Suite(.timeLimit(.minutes(2))) struct PostgresSessionsTests {
    /// Buyers, those who look and those who cancel, all at once; ten sales are rebuilt meanwhile.
    @Test func aBusyNodeHasNoMoreSessionsThanItSays() async throws {
        try await withStores { stores in
            var sales: [SaleID] = []
            for _ in 1...10 { sales.append(try await stores.makeSale(stock: 100)) }
            let ledger = try LedgerUnderTest(url: stores.databaseURL)
            try await withService(over: stores, ["SECKILL_DATABASE_URL": stores.databaseURL + "?application_name=node"]) { [sales] service in
                try await service.sees(sales[0], "open")
                for sale in sales { try await ledger.session.script("UPDATE sales SET epoch = epoch + 1 WHERE id = '\(sale)'") }
                let most = try await withThrowingTaskGroup(of: Int64.self) { group in
                    for number in 0..<60 {
                        group.addTask {
                            let user = "user-\(number)"
                            let bought = try await service.buy(sales[number % 10], as: user)
                            let headers = [("X-User-Id", user)]
                            _ = try await service.send(.GET, "/v1/orders", headers: headers)
                            if let id = bought.id { _ = try await service.send(.POST, "/v1/orders/\(id)/cancel", headers: headers) }
                            return try await ledger.number(
                                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'node'")
                        }
                    }
                    return try await group.max() ?? 0
                }
                #expect((3...Int64(Limits.postgresSessionsMax)).contains(most))
            }
        }
    }
}
