import NIOPosix
import PostgresLedger
import PrivateServers
import RedisStock
import SaleCore
import SaleService
import Testing

/// Two Postgres that were one: which of them is worked with.
@Suite(.timeLimit(.minutes(4))) struct TimelineTests {
    private let port = Statement("port", "SELECT current_setting('port')::bigint")

    private func reached(_ session: PostgresSession) async throws(JournalError) -> Int64 {
        try await session.perform { (session: isolated PostgresSession) throws(JournalError) in try session.query(port) { $0.int64(0, 0) } }
    }

    private func session(_ url: String) throws -> PostgresSession {
        PostgresSession(address: try PostgresAddress(url), profile: .orders)
    }

    private func reversed(_ url: String) -> String {
        guard let hosts = url.split(separator: "@").last?.split(separator: "/").first else { return url }
        return url.replacing(hosts, with: hosts.split(separator: ",").reversed().joined(separator: ","))
    }

    @Test func aStandbyIsLeftForThePrimaryAndAloneIsNotWorkedWith() async throws {
        try await withReplicas { pair in
            let primary = try await reached(session(pair.primaryURL))
            #expect(try await reached(session(reversed(pair.url))) == primary)
            let error = await #expect(throws: JournalError.self) { try await reached(session(pair.standbyURL)) }
            #expect("\(String(describing: error))".contains("a standby"))
        }
    }

    @Test func anOldPrimaryThatComesBackIsNotWorkedWithAlthoughItStandsFirst() async throws {
        try await withReplicas { pair in
            try await pair.name(standby: "")
            let (old, both) = (try session(pair.primaryURL), try session(pair.url))
            let oldPort = try await reached(old)
            #expect(try await reached(both) == oldPort)
            // Nobody stops the old one.
            try await pair.promoteStandby()
            #expect(try await reached(both) == oldPort)
            let newPort = try await reached(session(pair.standbyURL))
            #expect(newPort != oldPort)
            // A session that stood on it leaves it, and so does whoever comes anew.
            #expect(try await reached(both) == newPort)
            #expect(try await reached(session(pair.url)) == newPort)
            let error = await #expect(throws: JournalError.self) { try await reached(old) }
            #expect("\(String(describing: error))".contains("an older timeline"))
        }
    }

    /// A process that has just begun knows nothing of a promotion but what the servers and the
    /// other nodes tell it.
    @Test func aNewProcessHearsOfTheSuccessorFromTheServersOrFromRedis() async throws {
        try await withReplicas { pair in
            try await withOwnRedis { redis, _ in
                try await pair.name(standby: "")
                var seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": pair.primaryURL])
                #expect(try await seckill("migrate").status == 0)
                try await LedgerUnderTest(url: pair.primaryURL).wait(
                    until: "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn())")
                try await pair.promoteStandby()
                try await LedgerUnderTest(url: pair.standbyURL).make([
                    .create(title: "New", opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: 1)
                ])
                // It asks both servers, and tells Redis.
                seckill.environment["SECKILL_DATABASE_URL"] = pair.url
                let asked = try await seckill("sale", "list")
                #expect(asked.status == 0 && asked.data.contains("demo"), "\(asked.data)\(asked.messages)")
                // It reaches only the old one, and Redis knows.
                seckill.environment["SECKILL_DATABASE_URL"] = pair.primaryURL
                let refused = try await seckill("sale", "list")
                #expect(refused.status != 0)
                #expect(refused.messages.contains("an older timeline"), "\(refused.messages)")
            }
        }
    }

    @Test func nodesTellEachOtherThroughRedisAndNobodyForgets() async throws {
        try await withOwnRedis { server, _ in
            let redis = RedisStockStore(url: try RedisURL(server.url), eventLoopGroup: .singletonMultiThreadedEventLoopGroup, logger: .quiet)
            try await redis.connect()
            let (one, other) = (PostgresTimelines(), PostgresTimelines())
            one.note(LedgerTimeline(cluster: -7, number: 3))
            other.note(LedgerTimeline(cluster: -7, number: 2))
            other.note(LedgerTimeline(cluster: 8, number: 1))
            try await TimelineShare(memory: one, store: redis).share()
            try await TimelineShare(memory: other, store: redis).share()
            #expect(other.all == [LedgerTimeline(cluster: -7, number: 3), LedgerTimeline(cluster: 8, number: 1)])
            // Another cluster is nobody's successor.
            try await TimelineShare(memory: one, store: redis).share()
            #expect(one.all == [LedgerTimeline(cluster: -7, number: 3)])
            await redis.close()
        }
    }
}
