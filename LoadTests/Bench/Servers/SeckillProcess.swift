import Foundation
import LoadSupport
import PrivateServers

/// The service on a Redis and a Postgres of its own, as `seckill up` sets them up: append-only,
/// fsync on, through unix sockets; besides, with files of Postgres's log to write over.
struct SeckillProcess: Server {
    let port: Int
    let adminPort: Int
    let databaseURL: String
    private let child: ChildProcess
    private let redis: PrivateRedis
    private let postgres: PrivatePostgres
    private let operatorCommand: Subprocess
    private let sales: [Sale]

    struct Plan: Sendable {
        /// Tells it from the others that run at the same time.
        var name = "seckill"
        var sales = [Sale()]
        var eventLoops = ThisMachine.cores
        var core: Int?
        /// Of the service, as in the environment.
        var settings: [String: String] = [:]
        /// Done before the service starts, by the database's URL.
        var prepare: @Sendable (String) async throws -> Void = { _ in }
    }

    static func start(_ plan: Plan, _ workspace: Workspace) async throws -> SeckillProcess {
        let redis = try await PrivateRedis.start(directory: workspace.empty("\(plan.name)/redis"))
        do {
            // The cluster is made once; each round has a database of its own in it.
            let postgres = try await PrivatePostgres.start(directory: "\(workspace.directory)/\(plan.name)/postgres")
            do {
                return try await start(plan, workspace, redis, postgres)
            } catch {
                await postgres.kill()
                throw error
            }
        } catch {
            await redis.kill()
            throw error
        }
    }

    /// One gigabyte, as a Postgres has that has sold before: the checkpoint after it, and the one
    /// that ends each round, leaves these files to be written over.
    private static let filesOfTheLog =
        "SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal() FROM generate_series(1, 64 - (SELECT count(*) FROM pg_ls_waldir()))"

    private static func start(
        _ plan: Plan, _ workspace: Workspace, _ redis: PrivateRedis, _ postgres: PrivatePostgres
    ) async throws -> SeckillProcess {
        let directory = try workspace.empty("\(plan.name)/service")
        let databaseURL = postgres.localURL(of: try await postgres.createDatabase())
        let stores = ["SECKILL_REDIS_URL": redis.localURL, "SECKILL_DATABASE_URL": databaseURL]
        let command = Subprocess(workspace.seckill, environment: stores)
        try await command.succeed(["migrate"])
        try await apply(plan.sales, command)
        try await plan.prepare(databaseURL)
        try await postgres.run(filesOfTheLog)
        try await postgres.run("CHECKPOINT")

        let (port, adminPort) = (try LocalPort.free(), try LocalPort.free())
        let settings = stores.merging([
            "SECKILL_BIND": "127.0.0.1:\(port)", "SECKILL_ADMIN_BIND": "127.0.0.1:\(adminPort)", "SECKILL_AUTH": "trusted-header",
            "SECKILL_LIMIT_PER_USER": "off", "SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_TOTAL": "off", "SECKILL_LIMIT_ORDERS": "off",
            "SECKILL_DRAIN_DELAY": "0s",
            "SECKILL_EVENT_LOOPS": String(plan.eventLoops), "SECKILL_LOG_FORMAT": "json",
            // The longest that it takes: so a success is a 201, an order in Postgres, and wrk need
            // not look at each answer.
            "SECKILL_COMMIT_WAIT": "25s",
        ]) { $1 }.merging(plan.settings) { $1 }
        let serve = pinned([workspace.seckill, "serve"], to: plan.core)
        let log = "\(directory)/seckill.log"
        let child = try ChildProcess(
            ChildProcess.Command(program: serve[0], arguments: Array(serve.dropFirst()), environment: settings, log: log))
        do {
            try await child.waitUntil("seckill", log: log) {
                LocalPort.ask(port, "GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?.hasPrefix("HTTP/1.1 200") ?? false
            }
        } catch {
            await child.end()
            throw error
        }
        return SeckillProcess(
            port: port, adminPort: adminPort, databaseURL: databaseURL, child: child, redis: redis, postgres: postgres, operatorCommand: command,
            sales: plan.sales)
    }

    /// A few at a time: each command is a process that waits for its servers most of the while.
    private static func apply(_ sales: [Sale], _ command: Subprocess) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, sale) in sales.enumerated() {
                if index >= 4 { try await group.next() }
                group.addTask { try await command.succeed(["sale", "apply", "-f", "-"], input: sale.yaml) }
            }
            try await group.waitForAll()
        }
    }

    var front: (name: String, pid: Int32) { ("service", child.pid) }
    var stores: [(name: String, pid: Int32)] { [("redis", redis.pid), ("postgres", postgres.pid)] }

    /// By the books of Postgres, after an audit of both stores.
    func unitsSold() async throws -> Int {
        let only = sales.count == 1 ? ["--sale", sales[0].name] : []
        try await operatorCommand.succeed(["audit"] + only)
        let rows = try await Psql(url: databaseURL).rows("SELECT sum(committed) FROM stock WHERE sale_id LIKE 'bench-%'")
        guard let sold = rows.first?.first.flatMap({ Int($0) }) else { throw BenchFailure("Postgres does not say what it sold") }
        return sold
    }

    func stop() async {
        await child.end()
        try? await postgres.dropDatabase(databaseURL)
        await postgres.stop()
        await redis.kill()
    }
}
