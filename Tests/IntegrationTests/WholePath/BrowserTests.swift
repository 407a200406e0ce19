import NIOHTTP1
import SaleCore
import Testing

/// What a browser meets, on a real socket.
@Suite(.timeLimit(.minutes(2))) struct BrowserTests {
    private static let origin = ("Origin", "https://shop.example")

    @Test func everyAnswerMayBeReadByTheShopsPageAndPublicOnesByAnybody() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 7)
            try await withService(over: stores, ["SECKILL_CORS_ORIGINS": Self.origin.1]) { service in
                try await service.sees(sale, "open")
                for (path, status) in [("/v1/orders", 401), ("/v1/orders?x", 422), ("/nowhere", 404), ("/livez", 200), ("/", 200)] {
                    let answer = try await service.send(.GET, path, headers: [Self.origin])
                    #expect(answer.status == status && answer.header("Access-Control-Allow-Origin") == Self.origin.1, "\(path)")
                    #expect(answer.header("Access-Control-Expose-Headers")?.contains("X-Request-Id") == true)
                    #expect(answer.headers["Vary"].contains("Origin"))
                    let foreign = try await service.send(.GET, path, headers: [("Origin", "https://evil.example")])
                    #expect(foreign.header("Access-Control-Allow-Origin") == nil, "\(path)")
                }
                for path in ["/v1/sales", "/v1/sales/\(sale)", "/v1/sales/none", "/v1/time", "/problems", "/problems/closed", "/openapi.json"] {
                    let answer = try await service.send(.GET, path, headers: [("Origin", "https://evil.example")])
                    #expect(answer.header("Access-Control-Allow-Origin") == "*", "\(path)")
                    #expect(!answer.headers["Vary"].contains("Origin"))
                }
                let question = try await service.send(
                    .OPTIONS, "/v1/sales/\(sale)/orders", headers: [Self.origin, ("Access-Control-Request-Method", "POST")])
                #expect(question.status == 204 && question.header("Access-Control-Allow-Origin") == Self.origin.1)
            }
        }
    }

    /// As a browser does by itself when a connection that it kept dies.
    @Test func aBrowsersPurchaseWithoutAKeyTouchesNoStockAndOneUnderAKeyIsMadeOnce() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 7, limitPerUser: 5)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                let refused = try await service.buy(sale, as: "ann", headers: [Self.origin])
                #expect(refused.status == 400 && refused.code == "idempotency_key_required")
                #expect(try await stores.orders(of: sale).isEmpty)
                let site = ("Sec-Fetch-Site", "cross-site")
                for _ in 0..<4 { #expect(try await service.buy(sale, as: "ann", headers: [site, ("Idempotency-Key", "k")]).status == 201) }
                #expect(try await stores.orders(of: sale).count == 1)
            }
        }
    }
}
