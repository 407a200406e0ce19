import Foundation
import NIOCore
import NIOPosix
import PrivateServers
import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// The lane on a Redis that goes away.
@Suite(.timeLimit(.minutes(2))) struct LaneFailureTests {
    private static func batch(_ test: TestSale, _ request: ReservationRequest = .test("ann")) -> ReservationBatch {
        ReservationBatch(sale: test.id, epoch: test.sale.epoch, requests: [request])
    }

    @Test func withoutAConnectionNothingIsSentAndTheAnswerComesAtOnce() async throws {
        let batch = ReservationBatch(sale: .random(), epoch: 1, requests: [.test("ann")])
        let lane = try LaneOnLoop("redis://127.0.0.1:1")
        for _ in 0..<2 {
            guard case .failure(.notSent) = await lane.reserve(batch) else {
                Issue.record("sent")
                return
            }
            try await lane.connect()
        }
        #expect(try await lane.run() == nil)
        try await lane.close()
    }

    @Test func aFlushedScriptCacheIsAMissingScript() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                _ = try await test.stock.call(["SCRIPT", "FLUSH"])
                #expect(await test.lane.reserve(Self.batch(test)) == .failure(.scriptMissing))
                #expect(try await test.available() == 10)
                try await test.stock.loadScripts()
                #expect(try await test.verdicts(.test("ann")) == [.granted])
            }
        }
    }

    /// The fence: a Redis that comes back with all its data still does not sell before someone has
    /// loaded the script.
    @Test func aRedisThatRestartedHasAnotherRunAndDoesNotKnowTheScript() async throws {
        try await withOwnRedis { redis, directory in
            try await withTestSale(on: redis.url) { test async throws in
                let run = try await test.lane.connectedRun()
                #expect(try await test.verdicts(.test("ann")) == [.granted])
                await redis.stop()
                try await test.lane.waitUntilDisconnected()
                guard case .failure(.notSent) = await test.lane.reserve(Self.batch(test)) else {
                    Issue.record("sent")
                    return
                }
                let second = try await PrivateRedis.start(directory: directory, port: redis.port)
                #expect(try await test.lane.connectedRun(otherThan: run) != run)
                #expect(await test.lane.reserve(Self.batch(test)) == .failure(.scriptMissing))
                #expect(try await eventually { try? await test.available() } == 9)
                await second.kill()
            }
        }
    }

    @Test func whatWasUnderWayWhenRedisDiedHasAnUnknownOutcome() async throws {
        try await withOwnRedis { redis, directory in
            try await withTestSale(on: redis.url) { test async throws in
                let run = try await test.lane.connectedRun()
                redis.freeze()
                let lane = test.lane
                let batches = (0..<3).map { Self.batch(test, .test("u\($0)")) }
                async let answers = lane.reserveInOneTurn(batches)
                // A turn of the event loop later, the batches are in the socket.
                _ = try await lane.run()
                _ = try await lane.run()
                await redis.kill()
                for (_, answer) in await answers {
                    guard case .failure(.outcomeUnknown) = answer else {
                        Issue.record("\(answer)")
                        continue
                    }
                }
                #expect(try await lane.run() == nil)
                let second = try await PrivateRedis.start(directory: directory, port: redis.port)
                #expect(try await lane.connectedRun(otherThan: run) != run)
                await second.kill()
            }
        }
    }

    @Test func aLostReplyIsResolvedBySendingTheBatchAgain() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url, replyTimeout: 200) { test async throws in
                let run = try await test.lane.connectedRun()
                let batch = Self.batch(test)
                redis.freeze()
                #expect(await test.lane.reserve(batch) == .failure(.outcomeUnknown(reason: "no reply from Redis in time")))
                #expect(try await test.lane.run() == nil)
                redis.thaw()
                // The command lay in the socket: it runs, and its reply finds nobody.
                try await eventually { try await test.available() == 9 ? true : nil }
                #expect(try await test.lane.connectedRun() == run)
                #expect(try await test.verdicts(batch.requests) == [.granted])
                #expect(try await test.available() == 9)
                #expect(try await test.logCount() == 1)
            }
        }
    }

    @Test func aFullRedisRefusesAndWritesNothing() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                let before = try await test.dump()
                _ = try await test.stock.call(["CONFIG", "SET", "maxmemory", "1"])
                guard case .failure(.refused) = await test.lane.reserve(Self.batch(test)) else {
                    Issue.record("not refused")
                    return
                }
                _ = try await test.stock.call(["CONFIG", "SET", "maxmemory", "0"])
                #expect(try await test.dump() == before)
                #expect(try await test.verdicts(.test("ann")) == [.granted])
            }
        }
    }

    @Test func aFirstAttemptThatFailsSaysWhy() async throws {
        let stock = try RedisStockStore(
            url: RedisURL("redis://127.0.0.1:1"), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .silent)
        await #expect(
            performing: {
                try await stock.connect()
            },
            throws: { error in
                if case .notSent(let reason) = error as? StoreError { reason.contains("refused") } else { false }
            })
        await stock.close()
    }

    @Test func aUnixSocketWorksLikeATCPOne() async throws {
        try await withOwnRedis { redis, _ in
            let url = redis.localURL.replacing("?db=0", with: "?db=1")
            #expect(url.hasPrefix("unix:///"))
            try await withTestSale(on: url) { test async throws in
                #expect(try await test.verdicts(.test("ann")) == [.granted])
            }
        }
    }

    @Test func aUnixSocketThatNobodyListensOnSaysWhy() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try "".write(toFile: "\(directory.path)/file", atomically: false, encoding: .utf8)
        for (path, why) in [("missing", "No such file"), ("missing/redis.sock", "No such file"), ("file", "refused"), ("file/x", "Not a directory")] {
            let stock = try RedisStockStore(
                url: RedisURL("unix://\(directory.path)/\(path)"), eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .silent)
            await #expect(
                performing: {
                    try await stock.connect()
                },
                throws: { error in
                    if case .notSent(let reason) = error as? StoreError { reason.contains(why) } else { false }
                })
            await stock.close()
        }
    }
}
