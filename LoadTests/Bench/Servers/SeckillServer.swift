import Foundation
import LoadSupport
import PrivateServers

/// The service on a Redis and a Postgres of its own, as `seckill up` sets them up: append-only, fsync on.
struct SeckillServer: Server {
    let port: Int
    let databaseURL: String
    private let child: ChildProcess
    private let redis: PrivateRedis
    private let postgres: PrivatePostgres
    private let operatorEnvironment: [String: String]
    private let sales: [Sale]
    private let workspace: Workspace

    struct Plan: Sendable {
        /// Tells it from the others that run at the same time.
        var name = "seckill"
        var sales = [Sale()]
        var eventLoops = MachineFacts.cores
        var core: Int?
        /// Of the service, as in the environment.
        var settings: [String: String] = [:]
        /// Done before the service starts, by the database's URL.
        var prepare: @Sendable (String) async throws -> Void = { _ in }
    }

    static func start(_ plan: Plan, _ workspace: Workspace) async throws -> SeckillServer {
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

    private static func start(
        _ plan: Plan, _ workspace: Workspace, _ redis: PrivateRedis, _ postgres: PrivatePostgres
    ) async throws -> SeckillServer {
        let directory = try workspace.empty("\(plan.name)/service")
        let databaseURL = try await postgres.createDatabase()
        let stores = ["SECKILL_REDIS_URL": redis.url, "SECKILL_DATABASE_URL": databaseURL]
        try await Program.succeed([workspace.seckill, "migrate"], environment: stores, log: "\(directory)/migrate.log")
        try await apply(plan.sales, stores, directory, workspace)
        try await plan.prepare(databaseURL)

        let (port, adminPort) = (try LocalPort.free(), try LocalPort.free())
        let settings = stores.merging([
            "SECKILL_BIND": "127.0.0.1:\(port)", "SECKILL_ADMIN_BIND": "127.0.0.1:\(adminPort)", "SECKILL_AUTH": "trusted-header",
            "SECKILL_LIMIT_PER_USER": "off", "SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_TOTAL": "off", "SECKILL_LIMIT_ORDERS": "off",
            "SECKILL_DRAIN_DELAY": "0s",
            "SECKILL_EVENT_LOOPS": String(plan.eventLoops), "SECKILL_LOG_FORMAT": "json",
            // The longest that it takes: so a success is a 201, an order in Postgres, and wrk need not look at each answer.
            "SECKILL_COMMIT_WAIT": "25s",
        ]) { $1 }.merging(plan.settings) { $1 }
        let command = Program.pinned([workspace.seckill, "serve"], to: plan.core)
        let log = "\(directory)/seckill.log"
        let child = try ChildProcess(
            ChildProcess.Command(program: command[0], arguments: Array(command.dropFirst()), environment: settings, log: log))
        do {
            try await child.waitUntil("seckill", log: log) {
                LocalPort.ask(port, "GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?.hasPrefix("HTTP/1.1 200") ?? false
            }
        } catch {
            await child.end()
            throw error
        }
        return SeckillServer(
            port: port, databaseURL: databaseURL, child: child, redis: redis, postgres: postgres, operatorEnvironment: stores,
            sales: plan.sales, workspace: workspace)
    }

    /// A few at a time: each command is a process that waits for its servers most of the while.
    private static func apply(_ sales: [Sale], _ stores: [String: String], _ directory: String, _ workspace: Workspace) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, sale) in sales.enumerated() {
                if index >= 4 { try await group.next() }
                group.addTask {
                    let file = "\(directory)/\(sale.name).yaml"
                    try sale.yaml.write(toFile: file, atomically: true, encoding: .utf8)
                    try await Program.succeed(
                        [workspace.seckill, "sale", "apply", "-f", file], environment: stores, log: "\(directory)/\(sale.name).log")
                }
            }
            try await group.waitForAll()
        }
    }

    var front: (name: String, pid: Int32) { ("service", child.pid) }
    var stores: [(name: String, pid: Int32)] { [("redis", redis.pid), ("postgres", postgres.pid)] }

    /// By the books of Postgres, after an audit of both stores.
    func unitsSold() async throws -> Int {
        let log = try "\(workspace.empty("audit"))/audit.log"
        let only = sales.count == 1 ? ["--sale", sales[0].name] : []
        try await Program.succeed([workspace.seckill, "audit"] + only, environment: operatorEnvironment, log: log)
        let rows = try Psql(url: databaseURL).rows("SELECT sum(committed) FROM stock WHERE sale_id LIKE 'bench-%'", variables: [:])
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
