import Foundation
import LoadClient
import LoadSupport

extension Scenario {
    static let idleLooks = [
        Scenario(
            "T49", "idle: 1 and 8 nodes, 10 and 300 open sales, nobody buys", bar: "as many commands per look at 300 sales as at 10", idleNodes)
    ]

    private static let lookCommandsMax = 30.0
    /// Of one core, per node.
    private static let redisShareMax = 0.005

    private static func idleNodes(_ trial: Trial) async throws {
        for nodes in trial.scale < 0.5 ? [2] : [1, 8] {
            var perLook: [Double] = []
            for sales in [10, trial.scaled(300, atLeast: 60)] {
                perLook.append(try await measure(trial, sales: sales, nodes: nodes))
            }
            // Sales that are few have their turn in every look, too: from there on nothing may
            // grow.
            trial.check(
                "looks_cost_no_more_with_more_sales", perLook[1] <= perLook[0] * 1.1,
                "\(nodes) nodes: \(perLook.map { String(format: "%.1f", $0) }) Redis commands per look")
        }
    }

    /// - Returns: Redis's commands per look.
    private static func measure(_ trial: Trial, sales: Int, nodes: Int) async throws -> Double {
        let cell = try trial.cell("\(sales)-sales-\(nodes)-nodes")
        return try await withStack(cell, StackPlan(sale: SalePlan(stock: 10), nodes: nodes)) { stack in
            try await addSales(sales - 1, to: stack)
            let isProven = try await eventually(within: .seconds(120), every: .milliseconds(200)) {
                try await stack.postgres.query("SELECT count(*) FROM sales WHERE proven_run = ''") == [["0"]]
            }
            trial.check("every_sale_is_proven", isProven, "\(sales) sales, \(nodes) nodes")
            // Whoever proved the last one looks once more.
            try await Task.sleep(for: .seconds(2))
            trial.injected("\(nodes) nodes idle over \(sales) sales")
            let (before, startedAt) = (try await Usage.read(stack), ContinuousClock.now)
            try await Task.sleep(for: .seconds(trial.scale < 0.5 ? 5 : 20))
            let (after, seconds) = (try await Usage.read(stack), (ContinuousClock.now - startedAt).seconds)
            let looks = Double(after.looks(since: before))
            let commands = Double(after.commands(since: before))
            let perLook = commands / max(looks, 1)
            let perNode = 1 / seconds / Double(nodes)
            let alone = try await redisSecondsPerSecondAlone(stack, seconds: trial.scale < 0.5 ? 2 : 10)
            let redisShare = (after.redisSeconds - before.redisSeconds) * perNode - alone / Double(nodes)
            let name = "\(nodes)_nodes_\(sales)_sales"
            trial.figure("commands_per_second_and_node_\(name)", commands * perNode)
            trial.figure("redis_cpu_percent_per_node_\(name)", redisShare * 100)
            trial.figure("redis_cpu_percent_alone_\(name)", alone * 100)
            trial.figure("node_cpu_percent_\(name)", (after.nodeSeconds - before.nodeSeconds) * perNode * 100)
            trial.check("nodes_look", looks * perNode > 0.5, "\(sales) sales, \(nodes) nodes: \(Int(looks)) looks")
            trial.check(
                "a_look_is_a_few_commands", perLook <= lookCommandsMax, "\(sales) sales, \(nodes) nodes: \(String(format: "%.1f", perLook)) each")
            // A short run is too short for a share that small.
            if trial.scale >= 0.5 {
                trial.check(
                    "idle_nodes_leave_redis_alone", redisShare <= redisShareMax,
                    "\(sales) sales, \(nodes) nodes: \(String(format: "%.2f", redisShare * 100)) % of a core per node")
            }
            try await sellOnce(trial, stack)
            return perLook
        }
    }

    /// Redis has work of its own, which no node asks of it: what it takes while all stand still.
    private static func redisSecondsPerSecondAlone(_ stack: Stack, seconds: Int) async throws -> Double {
        for node in stack.nodes { node.freeze() }
        defer { for node in stack.nodes { node.thaw() } }
        try await Task.sleep(for: .milliseconds(500))
        let (before, startedAt) = (await stack.redis.figures, ContinuousClock.now)
        try await Task.sleep(for: .seconds(seconds))
        guard let before, let after = await stack.redis.figures else { throw SetupFailure("the system does not say what Redis uses") }
        return (after.cpuSeconds - before.cpuSeconds) / (ContinuousClock.now - startedAt).seconds
    }

    /// What looks so rarely must still know what it sells.
    private static func sellOnce(_ trial: Trial, _ stack: Stack) async throws {
        for (index, node) in stack.nodes.enumerated() {
            let answer = try await withWebClient { client in
                try await node.buy(client, sale: stack.sale.name, user: "first-\(index)", key: "first-\(index)")
            }
            trial.answered(answer.summary)
            trial.check("idle_nodes_sell", answer.status == 201, answer.summary)
        }
    }

    private static func addSales(_ count: Int, to stack: Stack) async throws {
        _ = try await stack.postgres.query(
            """
            INSERT INTO sales (id, title, opens_at, closes_at, pay_within_ms)
                SELECT 'idle-' || number, 'Idle', now() - interval '1 hour', now() + interval '10 hours', 900000
                FROM generate_series(1, \(count)) AS number;
            INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, limit_per_user, counts_users)
                SELECT id, 'unit', 'Unit', 1999, 'EUR', 10, 1, false FROM sales WHERE id LIKE 'idle-%'
            """)
    }

    /// What was used up to now.
    private struct Usage {
        var commands: Int
        /// A node asks Redis who it is once per look, and idle nodes at no other time.
        var looks: Int
        var redisSeconds: Double
        var nodeSeconds: Double

        func commands(since earlier: Usage) -> Int { commands - earlier.commands - 2 }
        func looks(since earlier: Usage) -> Int { looks - earlier.looks - 1 }

        /// The question is a command itself, with another one inside; `commands(since:)` and
        /// `looks(since:)` take them off.
        private static let question = """
            EVAL "local info = redis.call('INFO', 'all') return string.match(info, 'total_commands_processed:(%d+)') .. ' ' .. \
            string.match(info, 'cmdstat_info:calls=(%d+)')" 0
            """

        static func read(_ stack: Stack) async throws -> Usage {
            let reply = try await stack.redis.command(question, milliseconds: 5_000) ?? ""
            let numbers = reply.split(whereSeparator: \.isNewline).last?.split(separator: " ").compactMap { Int($0) } ?? []
            guard numbers.count == 2 else { throw SetupFailure("Redis does not tell what it did: \(reply.prefix(100))") }
            return Usage(
                commands: numbers[0], looks: numbers[1],
                redisSeconds: await stack.redis.figures?.cpuSeconds ?? 0,
                nodeSeconds: stack.nodes.reduce(0) { $0 + ($1.figures?.cpuSeconds ?? 0) })
        }
    }
}
