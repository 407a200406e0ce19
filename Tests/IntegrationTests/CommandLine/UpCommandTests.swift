import Foundation
import Testing

@testable import PrivateServers

/// One after the other: each starts a whole stack.
@Suite(.serialized, .timeLimit(.minutes(5))) struct UpCommandTests {
    struct Stack {
        let directory: TemporaryDirectory
        let port: Int
        let adminPort: Int
        let seckill = SeckillCommand()

        init() throws {
            directory = try TemporaryDirectory()
            port = try LocalPort.free()
            adminPort = try LocalPort.free()
        }

        var data: String { directory.path + "/data" }

        func start(_ environment: [String: String] = [:]) async throws -> RunningCommand {
            let arguments = ["up", "--data", data, "--port", String(port), "--admin-port", String(adminPort), "--commit-wait", "15s"]
            let running = try RunningCommand(SeckillCommand.executable, arguments, environment: environment)
            if try await !running.waitUntilItSays("Ctrl-C stops everything") {
                let outcome = try await running.outcome()
                Issue.record("seckill up ended with \(outcome.status): \(outcome.messages)")
            }
            return running
        }

        /// Runs a command in the environment that the stack has written down.
        func shell(_ command: String) async throws -> SeckillCommand.Outcome {
            try await seckill.shell(". \(data)/env && \(command)")
        }

        /// The status line of a purchase by `user`.
        func buy(_ user: String) async throws -> String? {
            let token = try await shell("\"$SECKILL\" token mint --user \(user)").data.trimmingCharacters(in: .newlines)
            let body = #"{"sku":"phone-x","quantity":1}"#
            return LocalPort.ask(
                port,
                "POST /v1/sales/demo/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    + "Authorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
                milliseconds: 20_000
            )?.split(separator: "\r\n").first.map(String.init)
        }

        /// The processes of the stack's servers.
        func servers() -> [Int32] {
            ["redis/redis.pid", "postgres/data/postmaster.pid"].compactMap { file in
                (try? String(contentsOfFile: "\(data)/\(file)", encoding: .utf8))?.split(separator: "\n").first.flatMap { Int32($0) }
            }
        }
    }

    @Test func aStackSellsStopsAndContinuesWithItsData() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let first = try await stack.start()
        #expect(try await stack.buy("ada") == "HTTP/1.1 201 Created")
        for request in ["GET /sales/demo", "POST /demo/token"] {
            let answer = LocalPort.ask(stack.port, "\(request) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n", milliseconds: 20_000)
            #expect(answer?.hasPrefix("HTTP/1.1 200 OK") == true, "\(request)")
        }
        let again = try await stack.seckill(
            "up", "--data", stack.data, "--port", String(try LocalPort.free()), "--admin-port", String(try LocalPort.free()))
        #expect(again.status == 4 && again.messages.contains(stack.data), "\(again.messages)")
        let environment = try String(contentsOfFile: "\(stack.data)/env", encoding: .utf8)
        #expect(
            environment.contains("export SECKILL_ADMIN_BIND=127.0.0.1:\(stack.adminPort)\n") || environment.contains("'127.0.0.1:\(stack.adminPort)'")
        )
        first.signal(SIGINT)
        #expect(try await first.outcome().status == 0)

        let second = try await stack.start()
        // Shells that have read it stay right.
        #expect(try String(contentsOfFile: "\(stack.data)/env", encoding: .utf8) == environment)
        #expect(try await stack.buy("ada") == "HTTP/1.1 409 Conflict")
        let sample = URL(filePath: #filePath).appending(path: "../../../../deploy/sample-sale.yaml").standardized.path(percentEncoded: false)
        let apply = try await stack.shell("\"$SECKILL\" sale apply -f '\(sample)'")
        #expect(
            apply.status == 0 && apply.messages.contains("nothing to change"),
            "deploy/sample-sale.yaml differs from the sale that `up` begins with:\n\(apply.data)\(apply.messages)")
        let audit = try await stack.shell("\"$SECKILL\" audit")
        #expect(audit.status == 0, "\(audit.data)\(audit.messages)")
        second.signal(SIGTERM)
        #expect(try await second.outcome().status == 0)
    }

    @Test func nothingOutlivesAStackThatIsKilled() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let running = try await stack.start()
        let servers = stack.servers()
        #expect(servers.count == 2)
        running.signal(SIGKILL)
        _ = try await running.outcome()
        while servers.contains(where: { kill($0, 0) == 0 }) { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func aRedisThatIsKilledIsStartedAgainAndSells() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let running = try await stack.start()
        #expect(try await stack.buy("ada") == "HTTP/1.1 201 Created")
        kill(try #require(stack.servers().first), SIGKILL)
        while try await stack.buy("grace") != "HTTP/1.1 201 Created" { try await Task.sleep(for: .milliseconds(100)) }
        #expect(try await stack.shell("\"$SECKILL\" audit").status == 0)
        running.signal(SIGINT)
        #expect(try await running.outcome().status == 0)
    }

    /// What a developer exports for another Postgres: each alone would end the start, or lead it
    /// elsewhere.
    @Test func variablesForAnotherPostgresDoNotReachThePrivateOne() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let running = try await stack.start([
            "PGSSLMODE": "require", "PGOPTIONS": "-c default_transaction_read_only=on", "PGHOST": "db.invalid", "PGHOSTADDR": "127.0.0.254",
            "PGPORT": "1", "PGUSER": "x", "PGPASSWORD": "y", "PGDATABASE": "z", "PGSERVICE": "none", "PGDATA": "/nowhere",
            "PGTARGETSESSIONATTRS": "standby", "PGCLIENTENCODING": "LATIN1", "LC_ALL": "de_DE.UTF-8", "REDISCLI_AUTH": "y",
        ])
        #expect(try await stack.buy("ada") == "HTTP/1.1 201 Created")
        running.signal(SIGINT)
        #expect(try await running.outcome().status == 0)
    }

    /// Its servers are still ending: two on the same files would ruin them.
    @Test func aStackThatWasKilledIsStartedAgainAtOnceWithItsData() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let first = try await stack.start()
        #expect(try await stack.buy("ada") == "HTTP/1.1 201 Created")
        let redis = try #require(stack.servers().first)
        // A Redis that takes its time.
        kill(redis, SIGSTOP)
        first.signal(SIGKILL)
        _ = try await first.outcome()
        async let second = stack.start()
        try await Task.sleep(for: .milliseconds(600))
        #expect(kill(redis, 0) == 0)
        kill(redis, SIGCONT)
        let running = try await second
        #expect(running.messages.contains("waiting for the redis-server of an earlier run to end (process \(redis))"), "\(running.messages)")
        #expect(try await stack.buy("ada") == "HTTP/1.1 409 Conflict")
        running.signal(SIGINT)
        #expect(try await running.outcome().status == 0)
    }

    @Test func aStackThatIsEndingIsWaitedFor() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let first = try await stack.start()
        let redis = try #require(stack.servers().first)
        kill(redis, SIGSTOP)
        first.signal(SIGINT)
        let lock = "\(stack.data)/lock"
        try await eventually { (try? String(contentsOfFile: lock, encoding: .utf8)) == "ending\n" ? true : nil }
        async let second = stack.start()
        try await Task.sleep(for: .milliseconds(300))
        kill(redis, SIGCONT)
        #expect(try await first.outcome().status == 0)
        let running = try await second
        #expect(running.messages.contains("waiting for the seckill up on \(stack.data) that is ending"), "\(running.messages)")
        running.signal(SIGINT)
        #expect(try await running.outcome().status == 0)
    }

    /// As in a container whose first process waits for nobody: its number stands in the lock file,
    /// and Postgres would take it for one that runs.
    @Test func aPostgresThatEndedAndWasNotWaitedForDoesNotKeepTheNextOneOut() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let data = "\(directory.path)/postgres"
        await (try PrivatePostgres.start(directory: data, isDurable: false)).stop()
        let account = try UnprivilegedAccount.ifRoot(reaching: "\(data)/data")
        var pid: Int32 = 0
        let arguments = ["setpriv"] + (account?.setprivArguments ?? ["--nnp"]) + ["true"]
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        try #require(posix_spawnp(&pid, "setpriv", nil, nil, &argv, environ) == 0)
        defer { waitpid(pid, nil, 0) }
        try await eventually { ProcessTable.isZombie(pid) ? true : nil }
        let lock = "\(data)/data/postmaster.pid"
        try "\(pid)\n\(data)/data\n1\n5432\n\n127.0.0.1\n".write(toFile: lock, atomically: false, encoding: .utf8)
        chmod(lock, 0o600)
        if let account { try account.own(lock) }
        await (try PrivatePostgres.start(directory: data, isDurable: false)).stop()
    }

    @Test func aWrongFileOfWebhooksIsNamedBeforeAServerStarts() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        let file = "\(stack.directory.path)/hooks.yaml"
        try "- { name: shop, url: https://shop.example/, secret: x }\n".write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try await stack.seckill(
            "up", "--data", stack.data, "--port", String(stack.port), "--admin-port", String(stack.adminPort), "--webhooks-file", file)
        #expect(outcome.status == 2 && outcome.messages.contains("secret is not a field here; the fields are name, url, secret_file"), "\(outcome)")
        #expect(outcome.messages.contains("seckill webhook init") && !FileManager.default.fileExists(atPath: "\(stack.data)/redis"))
    }

    @Test func aPortInUseIsNamed() async throws {
        let stack = try Stack()
        defer { stack.directory.remove() }
        try await withOwnRedis { redis, _ in
            let outcome = try await stack.seckill("up", "--data", stack.data, "--port", String(redis.port))
            #expect(outcome.status == 4)
            #expect(outcome.messages == "error: port \(redis.port) of 127.0.0.1 is in use; choose another with --port\n")
        }
    }
}
