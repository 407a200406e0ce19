import LoadSupport

extension Scenario {
    static let redisDeaths = [
        Scenario("T5", "kill -9 of Redis (AOF everysec), restarted at once", bar: "0 oversold, selling again within 5 s") { trial in
            try await redisRestarts(trial, times: 3, recovery: .seconds(5)) { redis in
                trial.injected("kill -9 redis")
                try await redis.restart()
            }
        },
        Scenario("T6", "Redis loses its data: restarted empty, and FLUSHALL", bar: "0 oversold, selling again within 5 s") { trial in
            try await redisRestarts(trial, times: 3, recovery: .seconds(5)) { redis in
                if trial.pick([true, false]) {
                    trial.injected("redis restarted empty")
                    try await redis.restartEmpty()
                } else {
                    trial.injected("FLUSHALL")
                    try await redis.command("FLUSHALL", milliseconds: 5_000)
                }
            }
        },
    ]

    /// Lets `fault` happen under load, `times` times, and measures how long nothing is sold.
    static func redisRestarts(
        _ trial: Trial, times: Int, recovery: Duration, _ fault: @escaping @Sendable (RedisServer) async throws -> Void
    ) async throws {
        let stock = trial.scaled(900, atLeast: 150)
        let span = Double(times) * 4
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: span)], afterFaults: (buyers: stock * 2, seconds: Double(stock) / 400), seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                for _ in 0..<times {
                    try await trial.pause(100...600)
                    let start = crowd.now
                    try await fault(stack.redis)
                    try await sellsAgain(crowd, trial, after: start, within: recovery)
                }
            }
            try await stack.judge(crowd, trial, mustBeFelt: true)
        }
    }

    /// Waits until a buyer who comes now has bought, and judges how long that took, counted from
    /// `instant`.
    static func sellsAgain(_ crowd: Crowd, _ trial: Trial, after instant: Duration, within patience: Duration) async throws {
        let earlier = crowd.now - instant
        let seconds = try await crowd.buyOne(within: patience + .seconds(15)).map { ($0 + earlier).seconds }
        trial.figureMax("recovery_seconds", seconds ?? 999)
        trial.check(
            "sells_again_in_time", seconds.map { $0 <= patience.seconds } ?? false,
            seconds.map { "\(($0 * 100).rounded() / 100) s" } ?? "nothing was sold any more")
    }
}
