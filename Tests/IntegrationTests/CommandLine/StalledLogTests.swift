import Foundation
import Glibc
import NIOHTTP1
import PrivateServers
import SaleCore
import Testing

/// Whoever reads a node's log stalls, or a store stays broken.
@Suite(.timeLimit(.minutes(3))) struct StalledLogTests {
    @Test func aNodeStartsServesAndDrainsAlthoughNobodyReadsItsLog() async throws {
        try await withStores { stores in
            let sale = try await stores.makeSale()
            let log = try StalledPipe()
            var environment = stores.environment
            environment["SECKILL_LOG_LEVEL"] = "trace"
            let node = try ServeProcess(environment: environment, log: log.writing)
            try await node.isReady()
            try await node.service.sees(sale, "open")
            #expect(try await node.service.buy(sale, as: "ann").status == 201)
            #expect(try await node.service.send(.GET, "/livez").status == 200)
            node.command.signal(SIGTERM)
            #expect(try await node.command.outcome().status == 0)
            #expect(try await stores.orders(of: sale).count == 1)
        }
    }

    @Test func aLogThatIsReadLateHasItsLines() async throws {
        try await withOperator { shell in
            let pipe = Pipe()
            let node = try ServeProcess(environment: shell.seckill.environment, log: pipe.fileHandleForWriting)
            try await node.isReady()
            node.command.signal(SIGTERM)
            #expect(try await node.command.outcome().status == 0)
            try pipe.fileHandleForWriting.close()
            let log = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(log.contains("\"serving\"") && log.contains("\"stopping: requests are still served\""), "\(log)")
        }
    }

    /// A Redis that forbids writing is found broken at every look, two and a half times a second.
    @Test func whatIsBrokenAgainAndAgainIsToldOnce() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale()
                try await redis.command("FLUSHALL")
                try await redis.command("ACL SETUSER shop on >pw ~seckill:* &* +@all -@write +evalsha +eval +script")
                var environment = stores.environment
                environment["SECKILL_REDIS_URL"] = "redis://shop:pw@127.0.0.1:\(redis.port)/0"
                let node = try ServeProcess(environment: environment)
                func lines(_ log: String) -> [Substring] {
                    log.split(separator: "\n").filter { $0.contains("sale not repaired") && $0.contains(sale.rawValue) }
                }
                try await eventually { lines(node.command.messages).isEmpty ? nil : true }
                let looks = try await redis.calls(of: "info")
                try await eventually(for: .seconds(30)) { try await redis.calls(of: "info") > looks + 12 ? true : nil }
                node.command.signal(SIGTERM)
                let told = lines(try await node.command.outcome().messages)
                // Whoever tells the log again and again is found out by the count that its end
                // writes.
                #expect(told.count == 1 && !told.contains { $0.contains("\"repeated\"") }, "\(told)")
                #expect(told.allSatisfy { $0.contains("can't run this command") }, "\(told)")
            }
        }
    }
}
