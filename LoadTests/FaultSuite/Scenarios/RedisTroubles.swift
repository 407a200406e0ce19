extension Scenario {
    static let redisTroubles = [
        Scenario("T10", "SIGSTOP of Redis for 1, 3 and 6 s", bar: "memory bounded, recovery within 5 s", stalledRedis),
        Scenario(
            "T11", "Redis: maxmemory reached, made a replica, SCRIPT FLUSH, CLIENT KILL TYPE normal every 100 ms", bar: "no 500", hostileOperator),
        Scenario("T12", "a slow script of another client occupies Redis for 3 s", bar: "bounded, no 500", slowScript),
    ]

    private static func stalledRedis(_ trial: Trial) async throws {
        let stock = trial.scaled(900, atLeast: 200)
        let stalls = trial.scale < 0.5 ? [1, 3] : [1, 3, 6]
        try await underLoad(trial, stock: stock, seconds: Double(stalls.reduce(0, +)) + 6, mustBeFelt: true) { stack, crowd in
            for seconds in stalls {
                trial.injected("SIGSTOP of Redis for \(seconds) s")
                await stack.redis.freeze()
                try await Task.sleep(for: .seconds(seconds))
                await stack.redis.thaw()
                try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(5))
            }
        }
    }

    private static func hostileOperator(_ trial: Trial) async throws {
        let stock = trial.scaled(900, atLeast: 200)
        try await underLoad(trial, stock: stock, seconds: 14, mustBeFelt: true) { stack, crowd in
            let redis = stack.redis
            func order(_ command: String) async throws {
                let reply = try await redis.command(command)
                trial.check("redis_obeys", reply?.hasPrefix("-") == false, "\(command): \(reply?.prefix(60) ?? "no reply")")
            }
            func recovers() async throws { try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10)) }
            trial.injected("maxmemory reached")
            try await order("CONFIG SET maxmemory 1mb")
            try await Task.sleep(for: .seconds(1))
            try await order("CONFIG SET maxmemory 0")
            try await recovers()
            trial.injected("made a read-only replica of nobody")
            try await order("REPLICAOF 127.0.0.1 1")
            try await Task.sleep(for: .seconds(1))
            try await order("REPLICAOF NO ONE")
            try await recovers()
            for _ in 0..<5 {
                trial.injected("SCRIPT FLUSH")
                try await order("SCRIPT FLUSH SYNC")
                try await trial.pause(50...250)
            }
            try await recovers()
            for _ in 0..<15 {
                trial.injected("CLIENT KILL TYPE normal")
                try await order("CLIENT KILL TYPE normal")
                try await Task.sleep(for: .milliseconds(100))
            }
            try await recovers()
        }
    }

    private static func slowScript(_ trial: Trial) async throws {
        let stock = trial.scaled(600, atLeast: 150)
        try await underLoad(trial, stock: stock, seconds: 10, mustBeFelt: true) { stack, crowd in
            try await stack.redis.command("CONFIG SET busy-reply-threshold 500")
            trial.injected("slow script")
            async let slow = stack.redis.command("EVAL \"while true do end\" 0", milliseconds: 20_000)
            try await Task.sleep(for: .seconds(3))
            let killed = try await stack.redis.command("SCRIPT KILL", milliseconds: 5_000)
            _ = try await slow
            trial.check("redis_was_busy", killed?.hasPrefix("+OK") == true, "SCRIPT KILL: \(killed?.prefix(60) ?? "no reply")")
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
        }
    }

    /// Two nodes sell most of the stock over `seconds` while `faults` happen, and the rest
    /// afterwards.
    static func underLoad(
        _ trial: Trial, stock: Int, seconds: Double, plan configure: (inout StackPlan) -> Void = { _ in }, mustBeFelt: Bool = false,
        _ faults: @escaping @Sendable (Stack, Crowd) async throws -> Void
    ) async throws {
        var stackPlan = StackPlan(sale: SalePlan(stock: stock), nodes: 2)
        configure(&stackPlan)
        try await withStack(trial, stackPlan) { stack in
            let before = stack.nodes.compactMap { $0.figures?.residentBytes }.max() ?? 0
            let plan = CrowdPlan.waves(
                [(buyers: stock * 9 / 10, seconds: seconds)], afterFaults: (buyers: stock, seconds: Double(stock) / 400), seed: trial.seed)
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 20)
                try await faults(stack, crowd)
            }
            let after = stack.nodes.compactMap { $0.figures?.residentBytes }.max() ?? 0
            boundedMemory(trial, before: before, after: after)
            try await stack.judge(crowd, trial, mustBeFelt: mustBeFelt)
        }
    }

    /// A few hundred clients must not need more than this, however long they wait.
    static func boundedMemory(_ trial: Trial, before: Int, after: Int, growthMax: Int = 192 << 20) {
        trial.figureMax("rss_growth_mib", Double(after - before) / 1_048_576)
        trial.check("memory_is_bounded", after - before < growthMax, "from \(before >> 20) to \(after >> 20) MiB resident")
    }
}
