import Foundation
import Glibc
import LoadSupport

/// What a trial runs on.
struct StackPlan: Sendable {
    var sale: SalePlan
    var nodes = 1
    /// Each node reaches Redis and Postgres through proxies of its own.
    var isProxied = false
    /// Settings of each node.
    var settings: [String: String] = [:]
    var redisSettings: [String] = []
    var postgresSettings: [String] = []
    /// Where the servers keep their data, when not in the trial's directory.
    var redisDirectory: String?
    var postgresDirectory: String?

    init(sale: SalePlan, nodes: Int = 1, isProxied: Bool = false, settings: [String: String] = [:]) {
        self.sale = sale
        self.nodes = nodes
        self.isProxied = isProxied
        self.settings = settings
    }
}

/// The real service: nodes, and the Redis and Postgres that are theirs alone.
final class Stack: Sendable {
    let sale: SalePlan
    let redis: RedisServer
    let postgres: PostgresServer
    let nodes: [NodeProcess]
    /// By node; empty unless the plan wants proxies.
    let redisProxies: [FaultProxy]
    let postgresProxies: [FaultProxy]
    let directory: String
    private let operatorCommand: Subprocess

    private init(
        sale: SalePlan, redis: RedisServer, postgres: PostgresServer, nodes: [NodeProcess], redisProxies: [FaultProxy], postgresProxies: [FaultProxy],
        directory: String, operatorCommand: Subprocess
    ) {
        self.sale = sale
        self.redis = redis
        self.postgres = postgres
        self.nodes = nodes
        self.redisProxies = redisProxies
        self.postgresProxies = postgresProxies
        self.directory = directory
        self.operatorCommand = operatorCommand
    }

    /// A command of the operator, such as `["sale", "pause", "flash"]`, against the servers
    /// themselves, not through a proxy.
    func seckill(_ arguments: [String], input: String = "") async throws -> Subprocess.Outcome {
        try await operatorCommand(arguments, input: input)
    }

    func restartNode(_ node: NodeProcess) async throws {
        await node.kill()
        try await node.startAndWait()
    }

    /// Starts the servers, applies the schema and the sale, and starts the nodes.
    fileprivate static func start(_ plan: StackPlan, executable: String, directory: String) async throws -> Stack {
        let redis = try RedisServer(directory: plan.redisDirectory ?? "\(directory)/redis", settings: plan.redisSettings)
        let postgres = try PostgresServer(directory: plan.postgresDirectory ?? "\(directory)/postgres", settings: plan.postgresSettings)
        var started: [NodeProcess] = []
        var proxies: [FaultProxy] = []
        do {
            async let redisIsUp: Void = redis.start()
            async let postgresIsUp: Void = postgres.start()
            _ = try await (redisIsUp, postgresIsUp)
            let command = Subprocess(
                executable,
                environment: ["SECKILL_REDIS_URL": "redis://127.0.0.1:\(redis.port)/0", "SECKILL_DATABASE_URL": await postgres.url()])
            try await command.succeed(["migrate"])
            try await command.succeed(["sale", "apply", "-f", "-"], input: plan.sale.yaml())
            var (redisProxies, postgresProxies): ([FaultProxy], [FaultProxy]) = ([], [])
            for number in 0..<plan.nodes {
                var settings = defaults.merging(command.environment) { $1 }.merging(plan.settings) { $1 }
                if plan.isProxied {
                    redisProxies.append(try await FaultProxy.start(target: redis.port))
                    postgresProxies.append(try await FaultProxy.start(target: postgres.port))
                    proxies = redisProxies + postgresProxies
                    settings["SECKILL_REDIS_URL"] = "redis://127.0.0.1:\(redisProxies[number].port)/0"
                    settings["SECKILL_DATABASE_URL"] = await postgres.url(through: postgresProxies[number].port)
                }
                let node = try NodeProcess(name: "node-\(number + 1)", executable: executable, settings: settings, directory: directory)
                started.append(node)
                try node.start()
            }
            for node in started { try await node.waitUntilReady() }
            return Stack(
                sale: plan.sale, redis: redis, postgres: postgres, nodes: started, redisProxies: redisProxies, postgresProxies: postgresProxies,
                directory: directory, operatorCommand: command)
        } catch {
            await stop(nodes: started, redis, postgres, proxies)
            throw error
        }
    }

    /// No limits: the buyers of most trials come from one address and in one burst.
    private static let defaults = [
        "SECKILL_AUTH": "trusted-header", "SECKILL_LIMIT_PER_USER": "off", "SECKILL_LIMIT_PER_IP": "off", "SECKILL_LIMIT_TOTAL": "off",
        "SECKILL_LIMIT_ORDERS": "off", "SECKILL_EVENT_LOOPS": "2", "SECKILL_LOG_FORMAT": "json", "SECKILL_COMMIT_WAIT": "1s",
    ]

    fileprivate func stop() async {
        await Self.stop(nodes: nodes, redis, postgres, redisProxies + postgresProxies)
    }

    private static func stop(nodes: [NodeProcess], _ redis: RedisServer, _ postgres: PostgresServer, _ proxies: [FaultProxy]) async {
        for node in nodes {
            node.thaw()
            await node.kill()
        }
        await redis.kill()
        await postgres.kill()
        for proxy in proxies { await proxy.stop() }
    }
}

/// Runs `body` on a stack of its own, which is gone afterwards.
func withStack<Value>(_ trial: Trial, _ plan: StackPlan, _ body: (Stack) async throws -> Value) async throws -> Value {
    let stack = try await Stack.start(plan, executable: trial.executable, directory: trial.directory)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(stack))
    } catch {
        result = .failure(error)
    }
    await stack.stop()
    return try result.get()
}
