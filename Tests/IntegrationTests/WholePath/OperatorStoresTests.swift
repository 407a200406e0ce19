import Foundation
import NIOHTTP1
import PrivateServers
import Testing

/// `GET /admin/v1/stores` over real stores.
@Suite(.timeLimit(.minutes(3))) struct OperatorStoresTests {
    @Test func bothStoresAreToldOfAlsoWhenOneIsAway() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                try await withService(over: stores) { service in
                    func read() async throws -> (redis: [String: Any], postgres: [String: Any], status: Int) {
                        let answer = try await service.send(.GET, "/admin/v1/stores", base: "http://\(service.admin)")
                        return (answer.json["redis"] as? [String: Any] ?? [:], answer.json["postgres"] as? [String: Any] ?? [:], answer.status)
                    }
                    let there = try await read()
                    #expect(there.status == 200 && there.redis["reachable"] as? Bool == true && there.redis["role"] as? String == "primary")
                    #expect((there.redis["run_id"] as? String)?.count == 40 && there.redis["latency_ms"] as? Double ?? -1 >= 0)
                    #expect(there.redis["append_only"] is Bool && there.redis["eviction_policy"] as? String == "noeviction")
                    #expect(there.postgres["reachable"] as? Bool == true && there.postgres["role"] as? String == "primary")
                    #expect(there.postgres["takes_writes"] as? Bool == true && (there.postgres["replication"] as? [Any])?.isEmpty == true)
                    let sizes = try #require(there.postgres["sizes"] as? [String: Int])
                    #expect(sizes["database_bytes"] ?? 0 > 1_000_000 && (1..<(sizes["database_bytes"] ?? 0)).contains(sizes["orders_bytes"] ?? 0))
                    #expect(there.postgres["error"] == nil && there.redis["error"] == nil)

                    await redis.stop()
                    let away = try await service.eventually {
                        try await service.send(.GET, "/admin/v1/stores", base: "http://\(service.admin)")
                    } until: {
                        ($0.json["redis"] as? [String: Any])?["reachable"] as? Bool == false
                    }
                    #expect(away.status == 200)
                    let (lost, kept) = (away.json["redis"] as? [String: Any], away.json["postgres"] as? [String: Any])
                    #expect((lost?["error"] as? String)?.isEmpty == false && lost?["run_id"] == nil && lost?["address"] as? String != nil)
                    #expect(kept?["reachable"] as? Bool == true)
                }
            }
        }
    }
}
