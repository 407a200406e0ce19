import NIOCore
import NIOPosix
import PrivateServers
import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// The lane on a Redis that works.
@Suite(.timeLimit(.minutes(2))) struct RedisReservationsTests {
    @Test func batchesOfOneTurnAreDecidedAndAnsweredInTheirOrder() async throws {
        try await withTestSale(items: [.test("x", units: 100, limit: 2)]) { test async throws in
            let batches = (0..<200).map { ReservationBatch(sale: test.id, epoch: 1, requests: [.test("u\($0)")]) }
            let answers = await test.lane.reserveInOneTurn(batches)
            #expect(answers.map(\.index) == Array(0..<200))
            for (index, answer) in answers {
                guard case .decided(_, let verdicts) = try answer.get() else { throw NeverHappened() }
                #expect(verdicts == [index < 100 ? .granted : .soldOut(left: 0)])
            }
        }
    }

    @Test func batchesOfOneTurnReachRedisInOneRead() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url, items: [.test("x", units: 100)]) { test async throws in
                func reads() async throws -> Int64 {
                    let stats = try #require(try await test.stock.call(["INFO", "stats"]).text)
                    let line = try #require(stats.split(whereSeparator: \.isNewline).first { $0.hasPrefix("total_reads_processed:") })
                    return try #require(Int64(line.drop { $0 != ":" }.dropFirst()))
                }
                let batches = (0..<50).map { ReservationBatch(sale: test.id, epoch: 1, requests: [.test("u\($0)")]) }
                let before = try await reads()
                _ = await test.lane.reserveInOneTurn(batches)
                // One for the batches, one for the second question.
                #expect(try await reads() - before <= 3)
            }
        }
    }

    @Test func aBatchBeyondTheBoundIsNotSent() async throws {
        try await withTestSale(items: [.test("x", units: 1_000)]) { test async throws in
            let batches = (0...Limits.callsInFlightMax).map { ReservationBatch(sale: test.id, epoch: 1, requests: [.test("u\($0)")]) }
            let answers = await test.lane.reserveInOneTurn(batches)
            // The refusal comes at once, before any answer of Redis.
            #expect(answers.first?.index == Limits.callsInFlightMax)
            guard case .failure(.notSent) = answers.first?.answer else {
                Issue.record("sent")
                return
            }
            #expect(try await test.available() == 1_000 - Int64(Limits.callsInFlightMax))
        }
    }

    @Test func aSettlementOnTheLaneEmptiesTheLog() async throws {
        try await withTestSale { test async throws in
            let orders = [ReservationRequest.test("ann"), .test("bob")]
            #expect(try await test.verdicts(orders) == [.granted, .granted])
            try await test.lane.settle(
                Settlement(
                    sale: test.id, committed: [orders[0].order],
                    released: [.init(order: orders[1].order, user: orders[1].user, sku: orders[1].sku)]))
            #expect(try await test.verdicts(.test("bob")) == [.granted])
            #expect(try await test.logCount() == 1)
        }
    }

    @Test func settlementsTravelWithTheNextBatch() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url, items: [.test("x", units: 100)]) { test async throws in
                let requests = (0..<20).map { ReservationRequest.test("u\($0)") }
                #expect(try await test.verdicts(requests).allSatisfy { $0 == .granted })
                let settlements = requests.map { Settlement(sale: test.id, committed: [$0.order]) }
                _ = try await test.stock.call(["CONFIG", "RESETSTAT"])
                let answer = await test.lane.settleAndReserve(settlements, ReservationBatch(sale: test.id, epoch: 1, requests: [.test("ann")]))
                #expect(try answer.get() != .notLoaded)
                #expect(try await test.logCount() == 1)
                let statistics = try #require(try await test.stock.call(["INFO", "commandstats"]).text)
                // All of them in one command.
                #expect(statistics.contains("cmdstat_hdel:calls=1,"), "\(statistics)")
            }
        }
    }

    @Test func aLaneThatAsksNothingMoreSettlesAllTheSame() async throws {
        try await withTestSale { test async throws in
            let requests = [ReservationRequest.test("ann"), .test("bob")]
            _ = try await test.verdicts(requests)
            for request in requests { try await test.lane.settle(Settlement(sale: test.id, committed: [request.order])) }
            try await eventually { try await test.logCount() == 0 ? true : nil }
            // The timer runs once per time that something is kept.
            let late = ReservationRequest.test("carol")
            _ = try await test.verdicts(late)
            try await test.lane.settle(Settlement(sale: test.id, committed: [late.order]))
            try await eventually { try await test.logCount() == 0 ? true : nil }
        }
    }

    @Test func aLaneThatClosesSettlesFirst() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            _ = try await test.verdicts(request)
            try await test.lane.settleAndClose(Settlement(sale: test.id, committed: [request.order]))
            #expect(try await test.logCount() == 0)
        }
    }

    @Test func theLaneAndTheStoreNameTheSameProcess() async throws {
        try await withTestSale { test async throws in
            let identity = try await test.stock.identity()
            #expect(try await test.lane.run() == identity.run)
            #expect(identity.isPrimary && identity.isAppendOnly)
            #expect(identity.version.split(separator: ".").count == 3)
            #expect(try await test.stock.call(["HGET", test.keys.sale, "run"]).text == identity.run)
        }
    }

    @Test func aRedisThatKeepsNothingSaysSo() async throws {
        try await withOwnRedis(appendOnly: false) { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                #expect(try await test.stock.identity().isAppendOnly == false)
            }
        }
    }

    @Test func aRedisThatMayThrowKeysAwaySaysSo() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                #expect(try await test.stock.identity().keepsWhatItHolds)
                for policy in ["allkeys-lru", "volatile-ttl"] {
                    _ = try await test.stock.call(["CONFIG", "SET", "maxmemory-policy", policy])
                    #expect(try await test.stock.identity().evictionPolicy == policy)
                    #expect(try await test.stock.identity().keepsWhatItHolds == false)
                }
            }
        }
    }

    @Test func ourDigestIsTheOneThatRedisUses() async throws {
        try await withTestSale { test async throws in
            for script in StockScript.ofPurchases {
                let digest = String(decoding: script.digest, as: UTF8.self)
                #expect(try await test.stock.call(["SCRIPT", "EXISTS", digest]) == .array([.integer(1)]))
            }
        }
    }

    @Test func aClosedLaneHasAnsweredEverythingAndSendsNothingMore() async throws {
        try await withTestSale { test async throws in
            let lane = test.lane
            let batch = ReservationBatch(sale: test.id, epoch: 1, requests: [.test("ann")])
            async let answer = lane.reserve(batch)
            _ = try await answer.get()
            try await lane.close()
            #expect(try await lane.run() == nil)
            guard case .failure(.notSent) = await lane.reserve(batch) else {
                Issue.record("sent")
                return
            }
            try await lane.close()
        }
    }

    // MARK: Handshake

    @Test func credentialsAreGivenAtTheHandshake() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                _ = try await test.stock.call(["ACL", "SETUSER", "shop", "on", ">s3cret", "~*", "+@all"])
                _ = try await test.stock.call(["CONFIG", "SET", "requirepass", "pa@ss"])
                for credentials in ["shop:s3cret@", ":pa%40ss@"] {
                    let lane = try LaneOnLoop("redis://\(credentials)127.0.0.1:\(redis.port)")
                    try await lane.connect()
                    #expect(try await lane.connectedRun() == test.lane.run())
                    try await lane.close()
                }
                for credentials in ["", ":wrong@"] {
                    let stock = try RedisStockStore(
                        url: RedisURL("redis://\(credentials)127.0.0.1:\(redis.port)"), eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                        logger: .silent)
                    await #expect(throws: StoreError.self) { try await stock.connect() }
                    await stock.close()
                }
            }
        }
    }

    @Test func theDatabaseOfTheURLIsUsed() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: "redis://127.0.0.1:\(redis.port)/3") { test async throws in
                #expect(try await test.verdicts(.test("ann")) == [.granted])
                _ = try await test.stock.call(["SELECT", "0"])
                #expect(try await test.stock.call(["DBSIZE"]) == .integer(0))
                _ = try await test.stock.call(["SELECT", "3"])
                #expect(try await test.stock.call(["EXISTS", test.keys.sale]) == .integer(1))
            }
        }
    }

    @Test func aReplicaIsNoConnectionForALaneUntilItIsPromoted() async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in
                _ = try await test.stock.call(["REPLICAOF", "127.0.0.1", "1"])
                guard case .failure(.refused) = await test.lane.reserve(ReservationBatch(sale: test.id, epoch: 1, requests: [.test("ann")])) else {
                    Issue.record("a replica took an order")
                    return
                }
                try await test.lane.waitUntilDisconnected()
                #expect(try await test.stock.identity().isPrimary == false)
                _ = try await test.stock.call(["REPLICAOF", "NO", "ONE"])
                _ = try await test.lane.connectedRun()
                #expect(try await test.verdicts(.test("ann")) == [.granted])
            }
        }
    }
}
