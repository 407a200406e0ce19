import PrivateServers
import Testing

/// A pooler between the service and Postgres.
@Suite(.timeLimit(.minutes(2))) struct PoolerTests {
    /// `migrate` through a PgBouncer in front of an empty database.
    private func migrate(through mode: PrivatePgBouncer.PoolMode) async throws -> SeckillCommand.Outcome {
        let postgres = try await SharedServers.postgres.get()
        return try await withRedis { redis in
            try await withPostgres { url in
                let directory = try TemporaryDirectory()
                defer { directory.remove() }
                let bouncer = try await PrivatePgBouncer.start(directory: directory.path, postgres: postgres, mode: mode)
                let through = url.replacing("127.0.0.1:\(postgres.port)", with: "127.0.0.1:\(bouncer.port)")
                let seckill = SeckillCommand(environment: ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": through])
                let outcome = try await seckill("migrate")
                if outcome.status == 0 { #expect(try await seckill("sale", "list").status == 0) }
                await bouncer.kill()
                return outcome
            }
        }
    }

    @Test(arguments: [PrivatePgBouncer.PoolMode.transaction, .statement])
    func aPoolerThatGivesEachTransactionAnotherSessionIsRefusedByName(mode: PrivatePgBouncer.PoolMode) async throws {
        let outcome = try await migrate(through: mode)
        #expect(outcome.status != 0)
        #expect(outcome.messages.contains("PgBouncer") && outcome.messages.contains("session mode works"), "\(outcome.messages)")
        #expect(outcome.messages.split(separator: "\n").count == 1, "\(outcome.messages)")
    }

    @Test func aPoolerBySessionIsServed() async throws {
        let outcome = try await migrate(through: .session)
        #expect(outcome.status == 0, "\(outcome.messages)")
    }
}
