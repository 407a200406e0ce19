import Foundation
import PostgresLedger
import PrivateServers
import Testing

@Suite(.timeLimit(.minutes(5))) struct DoctorCommandTests {
    private func findings(_ outcome: SeckillCommand.Outcome) throws -> [(subject: String, verdict: String, detail: String)] {
        try #require(try outcome.json()["checks"] as? [[String: String]], "\(outcome.messages)")
            .map { ($0["subject"] ?? "", $0["verdict"] ?? "", $0["detail"] ?? "") }
    }

    /// The shared servers of the tests run without fsync, which no sale should.
    @Test func `a setting that loses orders is named, and the rest is well`() async throws {
        try await withOperator { shell in
            try await shell.apply()
            let outcome = try await shell.seckill("doctor", "-o", "json")
            #expect(outcome.status == 7)
            let found = try findings(outcome)
            #expect(found.contains { $0.subject == "postgres settings" && $0.detail.contains("fsync is off") })
            #expect(found.contains { $0.subject == "books of \(shell.sale)" && $0.verdict == "ok" })
            for clock in ["redis clock", "postgres clock"] { #expect(found.contains { $0.subject == clock && $0.verdict == "ok" }) }
            #expect(try outcome.json()["healthy"] as? Bool == false)
        }
    }

    /// The user of the tests' Postgres may read the files of its machine, which is this one.
    @Test func `a kernel that gathers what Postgres writes is named with its bytes`() async throws {
        let bytes = try String(contentsOfFile: "/proc/sys/vm/dirty_background_bytes", encoding: .utf8).trimmingCharacters(in: .newlines)
        try #require(Int64(bytes) != nil)
        let isNamed = !PostgresAdvice.advice(on: ["vm.dirty_background_bytes": (bytes, bytes)]).isEmpty
        try await withOperator { shell in
            let found = try findings(try await shell.seckill("doctor", "-o", "json")).filter { $0.subject == "postgres settings" }
            #expect(found.contains { $0.verdict == "slow" && $0.detail.hasPrefix("vm.dirty_background_bytes is \(bytes): ") } == isNamed, "\(found)")
            #expect(!found.contains { $0.verdict == "unknown" } && found.contains { $0.detail.contains("fsync is off") }, "\(found)")
        }
    }

    @Test func `a user who may not look at the kernel hears what could not be read`() async throws {
        let role = "clerk_\(UInt32.random(in: .min ... .max))"
        try await withOperator { shell in
            let owner = try #require(shell.seckill.environment["SECKILL_DATABASE_URL"])
            try await LedgerUnderTest(url: owner).session.script(
                "CREATE ROLE \(role) LOGIN PASSWORD 'hush'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(role)")
            var url = try #require(URLComponents(string: owner))
            (url.user, url.password) = (role, "hush")
            var seckill = shell.seckill
            seckill.environment["SECKILL_DATABASE_URL"] = url.string
            let outcome = try await seckill("doctor", "-o", "json")
            let found = try findings(outcome).filter { $0.subject == "postgres settings" }
            #expect(found.contains { $0.verdict == "unknown" && $0.detail == "could not be read: vm.dirty_background_bytes" }, "\(outcome)")
            #expect(found.contains { $0.detail.contains("fsync is off") }, "\(found)")
        }
    }

    @Test func `a store that is away is a check that failed`() async throws {
        try await withOperator { shell in
            for (name, url, subject, other) in [
                ("SECKILL_REDIS_URL", "redis://127.0.0.1:1/0", "redis", "postgres"),
                ("SECKILL_DATABASE_URL", "postgresql://u@127.0.0.1:1/d", "postgres", "redis"),
            ] {
                var seckill = shell.seckill
                seckill.environment[name] = url
                let outcome = try await seckill("doctor", "-o", "json")
                let found = try findings(outcome)
                #expect(outcome.status == 7 && found.contains { $0.subject == subject && $0.verdict == "wrong" }, "\(outcome)")
                #expect(found.contains { $0.subject == other && $0.verdict == "ok" }, "\(outcome)")
                let table = try await seckill("doctor")
                #expect(table.status == 7 && table.data.hasPrefix("CHECK"), "\(table)")
                for line in table.data.split(separator: "\n") { #expect(line.count <= 80) }
            }
        }
    }

    @Test func `a schema of an earlier version is wrong, and the command that mends it is named`() async throws {
        try await withRedis { redis in
            try await withPostgres { url in
                let ledger = try LedgerUnderTest(url: url)
                try await ledger.session.script(String(decoding: PackageResources.schema_0df4317_sql, as: UTF8.self))
                let seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": url])
                let outcome = try await seckill("doctor", "-o", "json")
                let early = try #require(try findings(outcome).first { $0.subject == "schema" })
                #expect(outcome.status == 7 && early.verdict == "wrong" && early.detail.contains("`seckill migrate`"), "\(early)")
                let foreseen = try await seckill("migrate", "--dry-run")
                #expect(foreseen.status == 0 && foreseen.messages.contains("would be applied"), "\(foreseen.messages)")
                #expect(try await seckill("doctor").status == 7)
                #expect(try await seckill("migrate").status == 0)
                let again = try await seckill("migrate", "--dry-run")
                #expect(again.status == 0 && again.messages.contains("is there"), "\(again.messages)")
                let later = try findings(try await seckill("doctor", "-o", "json"))
                #expect(later.contains { $0.subject == "schema" && $0.verdict == "ok" }, "\(later)")
            }
        }
    }

    /// Redis has forgotten it, and so may everybody.
    @Test func `a sale that ended two days ago is not looked at`() async throws {
        try await withOperator { shell in
            let old = shell.yaml.replacing("2036-01-01", with: "2026-02-01")
            let applied = try await shell.seckill("sale", "apply", "-f", "-", input: old)
            try #require(applied.status == 0, "\(applied.messages)")
            let outcome = try await shell.seckill("doctor", "-o", "json")
            #expect(try !findings(outcome).contains { $0.subject.hasPrefix("books of") }, "\(outcome.data)")
        }
    }

    @Test func `books that do not balance are named`() async throws {
        try await withOperator { shell in
            try await shell.apply()
            try await shell.moveAvailable(by: -3)
            let outcome = try await shell.seckill("doctor")
            #expect(outcome.status == 7 && outcome.data.contains("lamp: I4 3 units leaked"), "\(outcome.data)")
            let reconciled = try await shell.seckill("reconcile")
            #expect(reconciled.status == 7)
            for line in (outcome.data + reconciled.data).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test func `servers that are set up as advised pass`() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let postgres = try await PrivatePostgres.start(directory: directory.path + "/postgres")
        let redis = try await PrivateRedis.start(directory: directory.path + "/redis")
        let stores = ["SECKILL_REDIS_URL": redis.localURL, "SECKILL_DATABASE_URL": postgres.localURL(of: try await postgres.createDatabase())]
        let seckill = SeckillCommand(environment: stores)
        let early = try await seckill("doctor")
        #expect(early.status == 7 && early.data.contains("`seckill migrate`") && early.data.contains("redis clock"), "\(early)")
        #expect(try await seckill("migrate").status == 0)
        let outcome = try await seckill("doctor")
        #expect(outcome.status == 0, "\(outcome.data)\(outcome.messages)")
        await redis.kill()
        await postgres.kill()
    }
}
