extension Scenario {
    static let postgresDeaths = [
        Scenario("T13", "kill -9 of the Postgres postmaster, and of one backend", bar: "0 lost, 0 duplicates, every unknown outcome resolved by key")
        {
            try await postgresKilled($0, stock: 600, kills: 4, backendsToo: true)
        },
        Scenario(
            "A2", "five kills of the Postgres postmaster while 2,000 units are sold to 6,000 buyers",
            bar: "0 oversold, 0 lost, 0 unsold, at rest within 30 s"
        ) {
            try await postgresKilled($0, stock: 2_000, kills: 5, backendsToo: false)
        },
    ]

    private static func postgresKilled(_ trial: Trial, stock full: Int, kills fullKills: Int, backendsToo: Bool) async throws {
        let stock = trial.scaled(full, atLeast: 120)
        let kills = trial.scaled(fullKills, atLeast: 2)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: Double(kills) * 2.5)], afterFaults: (buyers: stock * 21 / 10, seconds: Double(stock) / 400),
                seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                for number in 0..<kills {
                    try await trial.pause(200...900)
                    let start = crowd.now
                    if backendsToo, number % 2 == 1 {
                        trial.injected("kill -9 one Postgres backend")
                        try await stack.postgres.killBackend()
                    } else {
                        trial.injected("kill -9 postmaster")
                        try await stack.postgres.restart()
                    }
                    try await sellsAgain(crowd, trial, after: start, within: .seconds(10))
                }
            }
            try await stack.judge(crowd, trial)
        }
    }
}
