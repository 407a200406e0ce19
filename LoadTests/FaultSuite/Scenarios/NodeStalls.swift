extension Scenario {
    static let nodeStalls = [
        Scenario("T3", "rolling restart by SIGTERM under load", bar: "no answer lost, no 5xx, exit status 0", rollingRestart),
        Scenario("T4", "SIGSTOP of a node for 1, 5 and 8 s, then SIGCONT", bar: "0 oversold", stalledNode),
    ]

    private static func rollingRestart(_ trial: Trial) async throws {
        let stock = trial.scaled(800, atLeast: 160)
        let rounds = trial.scaled(3, atLeast: 1)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let plan = CrowdPlan.waves([(buyers: stock * 2, seconds: Double(rounds) * 7)], seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                for _ in 0..<rounds {
                    for node in stack.nodes {
                        try await trial.pause(200...800)
                        trial.injected("SIGTERM \(node.name)")
                        node.terminate()
                        let status = try await node.waitUntilExit(within: .seconds(30))
                        trial.check("exits_in_good_order", status == 0, status.map { "exit status \($0)" } ?? "killed, or still running after 30 s")
                        if status == nil { await node.kill() }
                        try await node.startAndWait()
                    }
                }
            }
            let lost = crowd.log.filter { $0.answer.map { $0.status >= 500 } ?? true }
            let kinds = Dictionary(grouping: lost, by: \.summary).map { "\($0.value.count) × \($0.key)" }.sorted()
            trial.check("no_request_fails", lost.isEmpty, "\(lost.count) of \(crowd.log.count) requests: \(kinds.joined(separator: ", "))")
            try await stack.judge(crowd, trial)
        }
    }

    private static func stalledNode(_ trial: Trial) async throws {
        let stock = trial.scaled(900, atLeast: 200)
        let stalls = trial.scale < 0.5 ? [1, 5] : [1, 5, 8]
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: Double(stalls.reduce(0, +)) + 4), (buyers: stock, seconds: Double(stock) / 400)], seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                for seconds in stalls {
                    let node = trial.pick(stack.nodes)
                    trial.injected("SIGSTOP of a node for \(seconds) s")
                    node.freeze()
                    try await Task.sleep(for: .seconds(seconds))
                    node.thaw()
                    try await trial.pause(200...600)
                }
            }
            try await stack.judge(crowd, trial)
        }
    }
}
