import LoadSupport

extension Scenario {
    static let lostCommits = [
        Scenario(
            "T14", "the connection to Postgres is reset exactly around a commit: before, after, and instead of its answer",
            bar: "0 duplicates, 0 orphans", cutAroundCommit)
    ]

    private static func cutAroundCommit(_ trial: Trial) async throws {
        let cuts = trial.scaled(40, atLeast: 9)
        // A cut batch costs a reconnect, so the stock must last for all of them.
        let stock = max(150, cuts * 15)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2, isProxied: true)) { stack in
            let plan = CrowdPlan.waves(
                [(buyers: stock * 8 / 10, seconds: Double(cuts) * 0.35)], afterFaults: (buyers: stock, seconds: Double(stock) / 400), seed: trial.seed
            )
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                for number in 0..<cuts {
                    let moment = Trap.Moment.allCases[number % Trap.Moment.allCases.count]
                    let proxy = trial.pick(stack.postgresProxies)
                    let before = proxy.trapsSprung
                    // Only the writer's batches carry buyers' names while nobody reads orders.
                    proxy.arm(.statement(holding: "buyer-", cut: moment))
                    if try await eventually(within: .seconds(6), { proxy.trapsSprung > before }) {
                        trial.injected("cut \(moment)")
                    } else {
                        proxy.disarm()
                    }
                    try await trial.pause(0...120)
                }
            }
            let made = trial.record.faults.values.reduce(0, +)
            trial.figure("cuts", Double(made))
            trial.check("commits_were_cut", made >= cuts / 2, "\(made) of \(cuts) commits were cut")
            try await stack.judge(crowd, trial)
        }
    }
}
