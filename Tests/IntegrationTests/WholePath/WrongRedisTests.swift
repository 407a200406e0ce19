import Foundation
import Glibc
import NIOHTTP1
import PrivateServers
import SaleCore
import Testing

/// A Redis that answers, but not as a sale needs it.
@Suite(.timeLimit(.minutes(5))) struct WrongRedisTests {
    @Test(arguments: [
        (["ACL SETUSER default resetkeys ~other:*"], ["ACL SETUSER default allkeys"], "NOPERM"),
        (["ACL SETUSER default -eval"], ["ACL SETUSER default +eval"], "NOPERM"),
        (["ACL SETUSER default -evalsha"], ["ACL SETUSER default +evalsha"], "NOPERM"),
        (["ACL SETUSER default -hset"], ["ACL SETUSER default +hset"], "can't run this command"),
        (["CONFIG SET maxmemory 1"], ["CONFIG SET maxmemory 0"], "OOM"),
    ])
    func aNodeThatMayNotSellIsNotReadyAndSaysWhy(breaking: [String], mending: [String], words: String) async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 2)
                try await withService(over: stores) { service in
                    try await service.sees(sale, "open")
                    for command in breaking { try await redis.command(command) }
                    // A look at the sales may find it before the check does.
                    _ = try await service.readiness(until: 503, saying: words)
                    for command in mending { try await redis.command(command) }
                    _ = try await service.readiness(until: 200)
                }
            }
        }
    }

    @Test func aNodeNoneOfWhoseOpenSalesIsProvenIsNotReady() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let (sale, other) = (try await stores.makeSale(stock: 2), try await stores.makeSale(stock: 2))
                try await withService(over: stores) { service in
                    for sale in [sale, other] { try await service.sees(sale, "open") }
                    #expect(try await service.readiness(until: 200).text.contains("2 of 2 proven"))
                    try await redis.spoil(sale)
                    _ = try await service.eventually {
                        try await service.send(.GET, "/readyz?verbose")
                    } until: {
                        $0.status == 200 && $0.text.contains("1 of 2 proven")
                    }
                    try await redis.spoil(other)
                    #expect(try await service.readiness(until: 503).text.contains("0 of 2 proven"))
                    for sale in [sale, other] { try await redis.command("DEL seckill:{\(sale):0}:stock") }
                    #expect(try await service.readiness(until: 200).text.contains("of 2 proven"))
                }
            }
        }
    }

    @Test func aNodeWithNothingToSellIsReady() async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                try await withService(over: stores) { service in
                    let ready = try await service.readiness(until: 200)
                    #expect(ready.text.contains("0 of 0 proven"))
                }
            }
        }
    }

    @Test func aRedisInClusterModeIsRefusedInOneLine() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let cluster = try await PrivateRedis.start(directory: directory.path, settings: ["cluster-enabled yes"])
        try await withOperator { shell in
            var seckill = shell.seckill
            seckill.environment["SECKILL_REDIS_URL"] = cluster.url
            seckill.environment["SECKILL_AUTH"] = "trusted-header"
            for command in ["serve --bind 127.0.0.1:0 --admin-bind 127.0.0.1:0", "sale list"] {
                let outcome = try await seckill.shell("\"$SECKILL\" \(command)")
                #expect(outcome.status == 6)
                #expect(outcome.messages.split(separator: "\n").count { $0.contains("cluster-enabled no") } == 1, "\(outcome.messages)")
            }
        }
        await cluster.kill()
    }

    @Test(arguments: ["redis://:hunter-2@", "redis://nobody:hunter-2@", "redis://"])
    func aRedisThatDoesNotKnowUsEndsWith5(address: String) async throws {
        try await withOwnRedis { redis, _ in
            try await withOperator { shell in
                try await redis.command("CONFIG SET requirepass right")
                var seckill = shell.seckill
                seckill.environment["SECKILL_REDIS_URL"] = "\(address)127.0.0.1:\(redis.port)/0"
                let outcome = try await seckill("sale", "list")
                #expect(outcome.status == 5, "\(outcome.messages)")
                #expect(!outcome.messages.contains("hunter-2") && outcome.messages.split(separator: "\n").count == 1, "\(outcome.messages)")
            }
        }
    }

    @Test(arguments: ["resetkeys ~other:*", "-evalsha"])
    func anOutageIsToldOfOnceInRedissWords(forbidding: String) async throws {
        try await withOwnRedis { redis, _ in
            try await withStores(redis: redis) { stores in
                let sale = try await stores.makeSale(stock: 2)
                let node = try ServeProcess(environment: stores.environment)
                try await node.isReady()
                try await node.service.sees(sale, "open")
                try await redis.command("ACL SETUSER default \(forbidding)")
                _ = try await node.service.readiness(until: 503, saying: "NOPERM")
                let looks = try await redis.calls(of: "info")
                try await eventually(for: .seconds(30)) { try await redis.calls(of: "info") > looks + 12 ? true : nil }
                node.command.signal(SIGTERM)
                // Whoever tells the log again and again is found out by the count that its end
                // writes.
                let lines = try await node.command.outcome().messages.split(separator: "\n").filter { $0.contains("NOPERM") }
                #expect(lines.count == 1 && !lines.contains { $0.contains("\"repeated\"") }, "\(lines)")
            }
        }
    }

    @Test func aNodeWhoseScriptsAreForbiddenStartsAndWaitsUntilTheyAreAllowed() async throws {
        try await withOwnRedis { redis, _ in
            try await withOperator { shell in
                try await redis.command("ACL SETUSER shop on >hunter-2 ~seckill:* &* +@all -evalsha")
                var environment = shell.seckill.environment
                environment["SECKILL_REDIS_URL"] = "redis://shop:hunter-2@127.0.0.1:\(redis.port)/0"
                let node = try ServeProcess(environment: environment)
                try await eventually { node.command.messages.contains("\"serving\"") ? true : nil }
                _ = try await node.service.readiness(until: 503, saying: "NOPERM")
                #expect(node.command.messages.contains("Redis refuses what sales need"))
                try await redis.command("ACL SETUSER shop +evalsha")
                _ = try await node.service.readiness(until: 200)
                node.command.signal(SIGTERM)
                let outcome = try await node.command.outcome()
                #expect(outcome.status == 0 && outcome.messages.contains("NOPERM") && !outcome.messages.contains("hunter-2"), "\(outcome.messages)")
            }
        }
    }
}

extension ServiceUnderTest {
    fileprivate func readiness(until status: Int, saying words: String? = nil) async throws -> Answer {
        try await eventually {
            try await send(.GET, "/readyz?verbose")
        } until: {
            $0.status == status && (words.map($0.text.contains) ?? true)
        }
    }
}

extension PrivateRedis {
    /// Puts a text where the units of `sale` are counted.
    fileprivate func spoil(_ sale: SaleID) async throws {
        try await command("DEL seckill:{\(sale):0}:stock")
        try await command("SET seckill:{\(sale):0}:stock nonsense")
    }
}
