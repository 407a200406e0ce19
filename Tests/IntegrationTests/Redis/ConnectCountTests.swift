import Logging
import NIOHTTP1
import NIOPosix
import Testing

@testable import RedisStock

@Suite struct ConnectCountTests {
    /// A node asks its Redis many times a second who it is.
    @Test func aConnectionThatIsAskedAgainIsNotCountedAgain() async throws {
        try await withStores { stores in
            let store = RedisStockStore(
                url: try RedisURL(stores.redisURL), eventLoopGroup: .singletonMultiThreadedEventLoopGroup, logger: Logger(label: "test"))
            try await withService(over: stores) { service in
                func connects() async throws -> Substring? {
                    let text = try await service.send(.GET, "/metrics", base: "http://\(service.admin)").text
                    return text.split(separator: "\n").first { $0.hasPrefix("seckill_redis_connects_total ") }
                }
                try await store.connect()
                let before = try #require(try await connects())
                for _ in 0..<5 { _ = try await store.identity() }
                #expect(try await connects() == before)
                await store.close()
            }
        }
    }
}
