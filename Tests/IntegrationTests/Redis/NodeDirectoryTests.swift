import NIOPosix
import PrivateServers
import RedisStock
import SaleCore
import SaleService
import Testing

@Suite(.timeLimit(.minutes(1))) struct NodeDirectoryTests {
    private func withStore(_ body: (RedisStockStore) async throws -> Void) async throws {
        try await withOwnRedis { redis, _ in
            let store = RedisStockStore(url: try RedisURL(redis.url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
            try await store.connect()
            try await body(store)
            await store.close()
        }
    }

    private func heartbeat(_ id: String, _ revision: Int64 = 1) -> NodeHeartbeat {
        NodeHeartbeat(
            id: id, version: "1", startedAt: Timestamp(milliseconds: 1_800_000_000_000), address: "a:1", adminAddress: "a:2", isDraining: false,
            checks: ["redis": ""], revisions: [SaleID("demo")!: revision], figures: [:])
    }

    @Test func whatANodeSaysIsThereForFiveSeconds() async throws {
        try await withStore { store in
            #expect(try await store.nodes().isEmpty)
            #expect(try await store.beat(heartbeat("b")) == nil)
            #expect(try await store.beat(heartbeat("a")) == nil)
            #expect(try await store.beat(heartbeat("a", 2)) == nil)
            let nodes = try await store.nodes()
            #expect(nodes.map(\.id) == ["a", "b"])
            #expect(nodes[0].revisions == [SaleID("demo")!: 2])
            let now = try await store.now()
            #expect(abs(now.milliseconds - (nodes[0].seenAt?.milliseconds ?? 0)) < 2_000)
            try await store.leave("b")
            #expect(try await store.nodes().map(\.id) == ["a"])
            let lively = try await store.silences()
            #expect(lively.keys.sorted() == ["a"] && lively.values.allSatisfy { $0 < .seconds(5) })
            try await Task.sleep(for: .milliseconds(5_100))
            #expect(try await store.nodes().isEmpty)
            // It has not said good-bye.
            let silent = try await store.silences()
            #expect(silent.keys.sorted() == ["a"] && silent.values.allSatisfy { $0 > .seconds(5) })
        }
    }

    /// A reply may be lost, and the wish with it.
    @Test func aWishIsHeardUntilItsNodeIsGone() async throws {
        try await withStore { store in
            #expect(try await store.wish(.drain, of: "a") == false)
            _ = try await store.beat(heartbeat("a"))
            #expect(try await store.wish(.drain, of: "a"))
            #expect(try await store.beat(heartbeat("b")) == nil)
            #expect(try await store.beat(heartbeat("a")) == .drain)
            #expect(try await store.beat(heartbeat("a")) == .drain)
            try await store.leave("a")
            #expect(try await store.beat(heartbeat("a")) == nil)
        }
    }
}
