import LoadSupport

extension Scenario {
    static let redisPromotions = [
        Scenario(
            "T7", "a replica is cut off, the primary sells on, then the replica is promoted at the address that the nodes use", bar: "0 oversold"
        ) {
            try await promoted($0, sellingOn: 0.4, primaryDies: false)
        },
        Scenario("T9", "a replica that is seconds older is promoted by hand after the primary's death", bar: "0 oversold, selling again within 10 s")
        {
            try await promoted($0, sellingOn: 0.6, primaryDies: true)
        },
    ]

    /// - Parameter sellingOn: the share of the stock that is sold while the replica hears nothing.
    private static func promoted(_ trial: Trial, sellingOn: Double, primaryDies: Bool) async throws {
        let stock = trial.scaled(800, atLeast: 200)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2, isProxied: true)) { stack in
            let replica = try RedisServer(directory: "\(trial.directory)/replica")
            let replication = try await FaultProxy.start(target: stack.redis.port)
            try await replica.start()
            do {
                try await replica.command("REPLICAOF 127.0.0.1 \(replication.port)")
                let isLinked = try await eventually(within: .seconds(10)) { try await replica.command("ROLE")?.contains("connected") ?? false }
                guard isLinked else { throw SetupFailure("the replica does not reach its primary") }
                try await sell(trial, stack, replica, replication, stock: stock, sellingOn: sellingOn, primaryDies: primaryDies)
            } catch {
                await replica.kill()
                await replication.stop()
                throw error
            }
            await replica.kill()
            await replication.stop()
        }
    }

    private static func sell(
        _ trial: Trial, _ stack: Stack, _ replica: RedisServer, _ replication: FaultProxy, stock: Int, sellingOn: Double, primaryDies: Bool
    ) async throws {
        let plan = CrowdPlan.waves(
            [(buyers: stock * 9 / 10, seconds: 9)], afterFaults: (buyers: stock * 2, seconds: Double(stock) / 400), seed: trial.seed)
        let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
            try await crowd.waitUntil(bought: stock / 10)
            trial.injected("replica cut off")
            replication.set(.blackhole(.both))
            let before = crowd.bought
            try await crowd.waitUntil(bought: before + Int(Double(stock) * sellingOn * 0.6))
            trial.figure("sold_while_cut_off", Double(crowd.bought - before))
            if primaryDies {
                trial.injected("kill -9 primary")
                await stack.redis.kill()
            }
            let start = crowd.now
            trial.injected("replica promoted, address moved")
            try await replica.command("REPLICAOF NO ONE")
            for proxy in stack.redisProxies { proxy.retarget(to: replica.port) }
            try await sellsAgain(crowd, trial, after: start, within: .seconds(10))
        }
        // The operator's commands must ask the Redis that the nodes ask.
        try await stack.judge(crowd, trial, mustBeFelt: true, redisPort: replica.port)
    }
}
