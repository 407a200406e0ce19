extension Scenario {
    static let partitions = [
        Scenario(
            "T20", "partitions between one node and Redis or Postgres: both ways, one way, resets, delay",
            bar: "0 oversold, 0 lost, selling again within 10 s",
            partitioned)
    ]

    private static let modes: [(name: String, mode: ProxyMode)] = [
        ("black hole", .blackhole(.both)), ("replies lost", .blackhole(.toClient)), ("requests lost", .blackhole(.toServer)), ("refused", .refuse),
        ("stalled", .stall), ("delayed by 300 ms", .delay(milliseconds: 300)),
    ]

    private static func partitioned(_ trial: Trial) async throws {
        let stock = trial.scaled(1_200, atLeast: 240)
        let rounds = trial.scaled(modes.count, atLeast: 3)
        let first = trial.pick(0...modes.count - 1)
        try await underLoad(trial, stock: stock, seconds: Double(rounds) * 5, plan: { $0.isProxied = true }) { stack, crowd in
            for number in 0..<rounds {
                let (name, mode) = modes[(first + number) % modes.count]
                let isRedis = trial.pick([true, false])
                let node = trial.pick(0...stack.nodes.count - 1)
                let proxy = isRedis ? stack.redisProxies[node] : stack.postgresProxies[node]
                trial.injected("\(name): a node and \(isRedis ? "Redis" : "Postgres")")
                proxy.set(mode)
                try await trial.pause(1_500...2_500)
                proxy.set(.pass)
                try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
            }
            // Each node, not only the healthy one, must sell in the end.
            try await withWebClient { client in
                for node in stack.nodes { try await sellsSomething(node, client) }
            }
        }
    }
}
