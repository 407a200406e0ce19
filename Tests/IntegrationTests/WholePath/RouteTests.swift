import Foundation
import NIOHTTP1
import PrivateServers
import SaleCore
import SaleService
import ServerAssembly
import Testing

@testable import seckill

/// The routes beside the purchase, and the answers that need a fault or a token, on a real socket.
@Suite(.timeLimit(.minutes(2))) struct RouteTests {
    @Test func salesAreShownToAnybodyAndMayBeCached() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 7)
            try await withService(over: stores) { service in
                let one = try await service.send(.GET, "/v1/sales/\(sale)")
                #expect(one.status == 200 && one.json["sale"] as? String == sale.rawValue)
                #expect(one.json["state"] as? String == "open")
                #expect((one.json["items"] as? [[String: Any]])?.first?["available"] as? Int == 7)
                #expect(one.header("Cache-Control")?.contains("public") == true)
                let tag = try #require(one.header("ETag"))
                let again = try await service.send(.GET, "/v1/sales/\(sale)", headers: [("If-None-Match", tag)])
                #expect(again.status == 304 && again.body.isEmpty)
                let all = try await service.send(.GET, "/v1/sales")
                #expect((all.json["sales"] as? [[String: Any]])?.contains { $0["sale"] as? String == sale.rawValue } == true)
                let unknown = try await service.send(.GET, "/v1/sales/nope")
                #expect(unknown.status == 404 && unknown.code == "unknown_sale")
            }
        }
    }

    @Test func ordersAreListedNewestFirstPageByPage() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale(stock: 10, limitPerUser: 5)
            try await withService(over: stores) { service in
                try await service.sees(sale, "open")
                var bought: [String] = []
                for _ in 0..<3 { bought.append(try #require(try await service.buy(sale, as: "ann").id).description) }
                let user = [("X-User-Id", "ann")]
                let first = try await service.send(.GET, "/v1/orders?limit=2", headers: user)
                let cursor = try #require(first.json["next_cursor"] as? String)
                let second = try await service.send(.GET, "/v1/orders?limit=2&cursor=\(cursor)", headers: user)
                let ids = [first, second].flatMap { ($0.json["orders"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String } }
                #expect(ids == bought.reversed())
                #expect(second.json["next_cursor"] is NSNull)
                #expect(first.header("Cache-Control") == "no-store")
                let bad = try await service.send(.GET, "/v1/orders?limit=0", headers: user)
                #expect(bad.status == 422 && bad.code == "invalid_request")
                #expect(try await service.send(.GET, "/v1/orders").status == 401)
            }
        }
    }

    @Test func healthAndTheProblemPagesAnswer() async throws {
        try await withStores { stores in
            try await withService(over: stores) { service in
                #expect(try await service.send(.GET, "/livez").status == 200)
                let ready = try await service.send(.GET, "/readyz?verbose")
                #expect(ready.status == 200 && ready.text.contains("postgres") && ready.text.contains("redis"))
                #expect(try await service.send(.GET, "/problems/sold_out").status == 200)
                #expect(try await service.send(.GET, "/problems/nope").status == 404)
            }
        }
    }

    @Test func aTokenOfTheSecretBuysAndAnyOtherDoesNot() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let (ours, theirs) = (directory.path + "/ours", directory.path + "/theirs")
        try String(repeating: "s", count: 40).write(toFile: ours, atomically: true, encoding: .utf8)
        try String(repeating: "x", count: 40).write(toFile: theirs, atomically: true, encoding: .utf8)
        let user = try #require(UserID("ann"))
        let good = try TokenMint(secretFile: ours).token(for: user, validMilliseconds: 3_600_000)
        let forged = try TokenMint(secretFile: theirs).token(for: user, validMilliseconds: 3_600_000)
        let expired = try TokenMint(secretFile: ours).token(for: user, validMilliseconds: -120_000)
        try await withStores { stores in
            let sale = try await stores.makeSale()
            let settings = ["SECKILL_AUTH": "jwt", "SECKILL_JWT_SECRET_FILE": ours]
            try await withService(over: stores, settings) { service in
                func buy(_ authorization: String?) async throws -> Answer {
                    try await service.send(
                        .POST, "/v1/sales/\(sale)/orders", headers: authorization.map { [("Authorization", $0)] } ?? [("X-User-Id", "ann")],
                        body: #"{"sku":"phone-x","quantity":1}"#)
                }
                for wrong in [nil, "Bearer \(forged)", "Bearer \(expired)", "Bearer x.y.z", "Basic YTpi"] {
                    let answer = try await buy(wrong)
                    #expect(answer.status == 401 && answer.code == "unauthenticated", "\(wrong ?? "none")")
                    #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
                    #expect(!answer.text.contains("ann"))
                }
                #expect(try await stores.orders(of: sale).isEmpty)
                #expect(try await buy("Bearer \(good)").status == 201)
            }
        }
    }

    @Test func withoutRedisBuyersHearRecoveringAndReadinessSaysWhy() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale()
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    await redis.kill()
                    let answer = try await service.eventually {
                        try await service.buy(sale, as: "ann")
                    } until: {
                        $0.status == 503
                    }
                    #expect(answer.code == "recovering")
                    #expect(answer.header("Retry-After").flatMap { Int($0) } != nil)
                    let ready = try await service.eventually {
                        try await service.send(.GET, "/readyz?verbose")
                    } until: {
                        $0.status == 503
                    }
                    #expect(ready.text.contains("redis"))
                    #expect(try await stores.orders(of: sale).isEmpty)
                }
            }
        }
    }
}
