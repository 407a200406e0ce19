extension Scenario {
    static let redisLosses = [
        Scenario(
            "A3", "Redis killed and wiped three times under load, and once restarted from a stale copy of its files",
            bar: "0 oversold, every 201 in Postgres, selling again within 10 s each time, sold out exactly", wipedAndStale)
    ]

    private static func wipedAndStale(_ trial: Trial) async throws {
        let stock = trial.scaled(1_600, atLeast: 240)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: trial.scale < 0.5 ? 6 : 12)], afterFaults: (buyers: stock * 2, seconds: Double(stock) / 400),
                seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                let copy = "\(trial.directory)/stale-copy"
                try await crowd.waitUntil(bought: stock / 20)
                try await stack.redis.copyData(to: copy)
                for _ in 0..<3 {
                    try await trial.pause(300...900)
                    let start = crowd.now
                    trial.injected("redis killed and wiped")
                    try await stack.redis.restartEmpty()
                    try await sellsAgain(crowd, trial, after: start, within: .seconds(10))
                }
                try await trial.pause(300...900)
                let start = crowd.now
                trial.injected("redis restarted from a stale copy")
                try await stack.redis.restart(from: copy)
                try await sellsAgain(crowd, trial, after: start, within: .seconds(10))
            }
            try await stack.judge(crowd, trial, mustBeFelt: true)
        }
    }
}
