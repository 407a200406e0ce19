import Foundation
import PostgresLedger
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

    @Test func aShellWithoutSettingsHearsWhereAPrivateStackLeavesThem() async throws {
        for command in ["sale list", "doctor"] {
            let outcome = try await SeckillCommand().shell("\"$SECKILL\" \(command)")
            #expect(outcome.status == 2 && outcome.messages.contains(". .seckill/env"), "\(command): \(outcome)")
        }
    }

    @Test func aSocketThatIsNotThereIsOneLineWithoutTabs() async throws {
        let seckill = SeckillCommand(environment: ["SECKILL_DATABASE_URL": "postgresql://u@%2Fnowhere:5432/d"])
        let outcome = try await seckill("sale", "list")
        #expect(outcome.status == 6 && outcome.messages.contains("/nowhere"), "\(outcome)")
        #expect(outcome.messages.split(separator: "\n").count == 1 && !outcome.messages.contains("\t"), "\(outcome.messages)")
    }

    @Test(arguments: ["help nosuch", "help sale nosuch", "sale nosuch --help"])
    func helpForNoCommandEndsWith2(arguments: String) async throws {
        let outcome = try await SeckillCommand().shell("\"$SECKILL\" \(arguments)")
        #expect(outcome.status == 2 && outcome.data.isEmpty && outcome.messages.contains("there is no command"), "\(outcome)")
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

    /// What is missing then is not what `migrate` makes.
    @Test func migrateDoesNotAdviseToMigrate() async throws {
        try await withRedis { redis in
            try await withPostgres { url in
                let seckill = SeckillCommand(environment: [
                    "SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url + "?options=-csearch_path%3Dnowhere",
                ])
                let outcome = try await seckill("migrate")
                #expect(
                    outcome.status == 1 && outcome.messages.contains("3F000") && !outcome.messages.contains("run: seckill"), "\(outcome.messages)")
                // Who may not read must not hear that something is missing.
                var clerk = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url])
                #expect(try await clerk("migrate").status == 0)
                try await LedgerUnderTest(url: url).session.script("CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA public TO clerk")
                clerk.environment["SECKILL_DATABASE_URL"] = url + "?user=clerk"
                let dry = try await clerk("migrate", "--dry-run")
                #expect(dry.status != 0 && !dry.messages.contains("would be applied"), "\(dry.messages)")
            }
        }
    }

    @Test func aMistypedSettingStopsEveryCommand() async throws {
        var seckill = SeckillCommand()
        seckill.environment["SECKILL_REDIS_ULR"] = "redis://127.0.0.1:1/0"
        for command in ["serve", "audit", "migrate", "up", "token mint --user u"] {
            let outcome = try await seckill.shell("\"$SECKILL\" \(command)")
            #expect(outcome.status == 2, "\(command)")
            #expect(outcome.messages == "error: SECKILL_REDIS_ULR is not a setting; the nearest is SECKILL_REDIS_URL\n", "\(command)")
        }
    }

    /// An export that did not fit on the disk must not look like one that did.
    @Test func dataThatDidNotArriveEndWith1() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.commit(0..<3)
            let commands = [
                "sale list", "sale show \(shell.sale) -o json", "stock show --sale \(shell.sale)", "order list --sale \(shell.sale) -o json",
                "stock add --sale \(shell.sale) --sku lamp 1 --dry-run", "reconcile -o json --apply", "--help", "sale",
            ]
            for command in commands {
                for (target, reason) in [("/dev/full", "No space left on device"), ("&-", "Bad file descriptor")] {
                    let outcome = try await shell.seckill.shell("\"$SECKILL\" \(command) >\(target)")
                    #expect(outcome.status == 1, "\(command) >\(target)")
                    #expect(outcome.messages.contains("error: standard output: \(reason)\n"), "\(command) >\(target): \(outcome.messages)")
                }
            }
            // A check that failed has failed, whoever heard of it.
            try await shell.moveAvailable(by: -1)
            let failed = try await shell.seckill.shell("\"$SECKILL\" audit >/dev/full")
            #expect(failed.status == 7 && failed.messages.contains("standard output"), "\(failed.messages)")
        }
    }

    @Test func aReaderThatHasEnoughIsNoFailure() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill.shell(
                "{ \"$SECKILL\" stock show --sale \(shell.sale); echo \"status $?\" >&2; } | true")
            #expect(outcome.messages == "status 0\n", "\(outcome.messages)")
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
