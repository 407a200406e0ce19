import Glibc
import NIOHTTP1
import PrivateServers
import ServerAssembly
import Testing

/// A Postgres that answers and takes no orders.
@Suite(.timeLimit(.minutes(3))) struct ReadOnlyPostgresTests {
    private let words = "takes no writes: default_transaction_read_only is on"

    private func setReadOnly(_ value: String, _ postgres: PrivatePostgres) async throws {
        try await postgres.run("ALTER SYSTEM SET default_transaction_read_only = \(value)")
        try await postgres.run("SELECT pg_reload_conf()")
    }

    @Test func aPostgresThatTurnsReadOnlyMakesTheNodeUnreadyAndIsToldOfOnce() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let postgres = try await PrivatePostgres.start(directory: directory.path, isDurable: false)
        try await withStores(databaseURL: postgres.url) { stores in
            let sale = try await stores.makeSale()
            let port = try LocalPort.free()
            var environment = stores.environment
            environment["SECKILL_COMMIT_WAIT"] = "300ms"
            environment["SECKILL_LOG_LEVEL"] = "info"
            let running = try RunningCommand(SeckillCommand.executable, ["serve", "--bind", "127.0.0.1:\(port)"], environment: environment)
            let address = ListenAddress(host: "127.0.0.1", port: port)
            let service = ServiceUnderTest(address: address, admin: address)
            func isReady(_ status: Int) async throws -> Answer {
                try await eventually(for: .seconds(30)) { () -> Answer? in
                    let answer = try? await service.send(.GET, "/readyz?verbose")
                    return answer?.status == status ? answer : nil
                }
            }
            _ = try await isReady(200)
            try await service.sees(sale, "open")
            try await setReadOnly("on", postgres)
            let unready = try await isReady(503)
            #expect(unready.text.contains(words), "\(unready.text)")
            let bought = try await service.buy(sale, as: "ann")
            #expect(bought.status == 202, "\(bought.text)")
            try await setReadOnly("off", postgres)
            _ = try await isReady(200)
            let path = "/v1/orders/\(try #require(bought.id))"
            _ = try await service.eventually(for: .seconds(30)) {
                try await service.send(.GET, path, headers: [("X-User-Id", "ann")])
            } until: {
                $0.json["state"] as? String == "awaiting_payment"
            }
            // The writer and the watch notice each for itself.
            try await eventually(for: .seconds(30)) { running.messages.contains("Postgres confirms orders again") ? true : nil }
            running.signal(SIGTERM)
            let outcome = try await running.outcome()
            let lines = outcome.messages.split(separator: "\n")
            #expect(lines.count { $0.contains("Postgres confirms no orders") } == 1, "\(outcome.messages)")
            #expect(lines.count { $0.contains("read") && $0.contains("only") } == 1, "\(outcome.messages)")
            #expect(lines.count { $0.contains("Postgres confirms orders again") } == 1, "\(outcome.messages)")
        }
        await postgres.kill()
    }

    @Test func theStartIsRefusedWithPostgressWords() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let postgres = try await PrivatePostgres.start(directory: directory.path, isDurable: false)
        try await setReadOnly("on", postgres)
        try await withRedis { redis in
            let seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": postgres.url])
            let outcome = try await seckill("sale", "list")
            #expect(outcome.status != 0 && outcome.messages.contains(words), "\(outcome.messages)")
        }
        await postgres.kill()
    }
}
