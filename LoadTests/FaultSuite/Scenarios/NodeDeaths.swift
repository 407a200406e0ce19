extension Scenario {
    static let nodeDeaths = [
        Scenario("T1", "kill -9 of a random node at random instants, two nodes", bar: "0 oversold, 0 lost, 0 leaked within 30 s") {
            try await nodesKilled($0, stock: 600, kills: 6)
        },
        Scenario("T2a", "kill -9 of the only node while its queue is full", bar: "every 202 has a verdict") {
            try await queueFullAtDeath($0, redisDiesToo: false)
        },
        Scenario("T2b", "kill -9 of the only node and of Redis (AOF everysec) while the queue is full", bar: "every 202 has a verdict") {
            try await queueFullAtDeath($0, redisDiesToo: true)
        },
        Scenario(
            "A1", "ten kills of random nodes while 2,000 units are sold to 6,000 buyers", bar: "0 oversold, 0 lost, 0 unsold, at rest within 30 s"
        ) {
            try await nodesKilled($0, stock: 2_000, kills: 10)
        },
    ]

    private static func nodesKilled(_ trial: Trial, stock full: Int, kills fullKills: Int) async throws {
        let stock = trial.scaled(full, atLeast: 120)
        let kills = trial.scaled(fullKills, atLeast: 3)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            // Most of the stock goes while nodes die; then the rest comes all at once.
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: Double(kills) * 1.2), (buyers: stock * 21 / 10, seconds: Double(stock) / 400)], seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { _ in
                for _ in 0..<kills {
                    try await trial.pause(100...900)
                    let node = trial.pick(stack.nodes)
                    trial.injected("kill -9 \(node.name)")
                    await node.kill()
                    try await trial.pause(0...300)
                    try await node.startAndWait()
                }
            }
            try await stack.judge(crowd, trial)
        }
    }

    private static func queueFullAtDeath(_ trial: Trial, redisDiesToo: Bool) async throws {
        let stock = trial.scaled(400, atLeast: 100)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock))) { stack in
            let node = stack.nodes[0]
            var plan = CrowdPlan.waves([(buyers: stock, seconds: 0.5), (buyers: stock, seconds: 6)], seed: trial.seed)
            for index in plan.intentions.indices { plan.intentions[index].prefersAsync = true }
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                trial.injected("freeze Postgres")
                await stack.postgres.freeze()
                try await crowd.waitUntil(bought: stock / 4)
                trial.figure("reserved_at_death", Double(crowd.bought))
                trial.injected("kill -9 the only node")
                await node.kill()
                if redisDiesToo {
                    trial.injected("kill -9 redis")
                    try await stack.redis.restart()
                }
                await stack.postgres.thaw()
                try await node.startAndWait()
            }
            trial.check(
                "queue_was_full", trial.record.figures["reserved_at_death", default: 0] > 0, "orders were reserved and not committed at the death")
            try await stack.judge(crowd, trial)
        }
    }
}
