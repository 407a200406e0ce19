import Foundation
import PrivateServers
import Testing

@Suite(.timeLimit(.minutes(5))) struct ExitStatusTests {
    @Test(arguments: [
        ["sale", "show", "nobodys"], ["sale", "pause", "nobodys"], ["stock", "show", "--sale", "nobodys"],
        ["stock", "add", "--sale", "nobodys", "--sku", "k", "1"], ["order", "list", "--sale", "nobodys"], ["audit", "--sale", "nobodys"],
        ["order", "show", "01890000-0000-7000-8000-000000000000"],
    ])
    func whatIsNotThereEndsWith3(arguments: [String]) async throws {
        try await withOperator { shell in
            let outcome = try await shell.seckill.shell("\"$SECKILL\" \(arguments.joined(separator: " "))")
            #expect(outcome.status == 3, "\(outcome.messages)")
            #expect(outcome.data.isEmpty)
        }
    }

    @Test(arguments: [
        "frobnicate", "sale", "sale show", "sale show UPPER", "sale apply", "sale apply -f /nowhere/sale.yaml", "stock add --sale s --sku k 0",
        "stock add --sale s --sku k many", "stock add --sale s --sku k 1 2", "order show 17", "order list --sale s --state lost", "audit -o xml",
        "token mint --user u --ttl soon", "token mint --user u", "serve --commit-wait soon", "up --port 0", "up --port 9090",
        "serve --database-url 'postgresql://h/d' --limit-per-user fast",
    ])
    func wrongUsageEndsWith2(arguments: String) async throws {
        let outcome = try await SeckillCommand().shell("\"$SECKILL\" \(arguments)")
        // `sale` alone is a question, not a mistake.
        #expect(outcome.status == (arguments == "sale" ? 0 : 2), "\(outcome.messages)")
        #expect(outcome.data.isEmpty == (arguments != "sale"))
    }

    @Test func anUnreachableServerEndsWith6InOneLineThatNamesIt() async throws {
        try await withOperator { shell in
            var seckill = shell.seckill
            seckill.environment["SECKILL_REDIS_URL"] = "redis://:hush@127.0.0.1:1/0"
            let redis = try await seckill("sale", "list")
            #expect(redis.status == 6)
            #expect(redis.messages.contains("Redis") && redis.messages.contains("127.0.0.1:1") && !redis.messages.contains("hush"))
            #expect(redis.messages.split(separator: "\n").count == 1, "\(redis.messages)")

            seckill = shell.seckill
            seckill.environment["SECKILL_DATABASE_URL"] = "postgresql://u:hush@127.0.0.1:1/d"
            let postgres = try await seckill("sale", "list")
            #expect(postgres.status == 6)
            #expect(postgres.messages.contains("Postgres") && postgres.messages.contains("127.0.0.1") && !postgres.messages.contains("hush"))
            #expect(postgres.messages.split(separator: "\n").count == 1, "\(postgres.messages)")
        }
    }

    @Test func aWrongPasswordEndsWith5() async throws {
        try await withOperator { shell in
            var seckill = shell.seckill
            let url = try #require(URLComponents(string: shell.databaseURL))
            seckill.environment["SECKILL_DATABASE_URL"] = "postgresql://\(url.user ?? ""):wrong@127.0.0.1:\(url.port ?? 0)\(url.path)"
            let outcome = try await seckill("sale", "list")
            #expect(outcome.status == 5, "\(outcome.messages)")
        }
    }

    @Test func aDatabaseWithoutTheSchemaSaysWhatToDo() async throws {
        try await withRedis { redis in
            try await withPostgres { url in
                let outcome = try await SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url])("sale", "list")
                #expect(outcome.status == 1)
                #expect(outcome.messages.contains("seckill migrate"), "\(outcome.messages)")
            }
        }
    }

    @Test func flagsWinOverTheEnvironment() async throws {
        try await withOperator { shell in
            var seckill = shell.seckill
            seckill.environment["SECKILL_REDIS_URL"] = "redis://127.0.0.1:1/0"
            let outcome = try await seckill("sale", "list", "--redis-url", shell.redisURL)
            #expect(outcome.status == 0, "\(outcome.messages)")
        }
    }
}
