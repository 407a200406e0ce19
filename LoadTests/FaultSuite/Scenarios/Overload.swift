import LoadModel

extension Scenario {
    static let overload = [
        Scenario("T25", "2, 5 and 20 times the capacity, then 0.8 times", bar: "goodput at each load at least 80 % of the peak, no 500", overloaded),
        Scenario(
            "T26", "a retry storm: clients repeat at once and ignore Retry-After while Redis stands still", bar: "recovery within 10 s", retryStorm),
        Scenario(
            "A5", "ten times the capacity, and Postgres frozen for 5 s in the middle",
            bar: "no 500, memory bounded, goodput back to 80 % within 10 s",
            frozenUnderOverload),
    ]

    /// A service that its database holds back: commits take 100 ms and few orders may wait, so that
    /// one generator can offer many times what it takes.
    private static func withNarrowService(_ trial: Trial, _ body: (Stack, Double) async throws -> [Flood]) async throws {
        var plan = StackPlan(sale: SalePlan(stock: 1_000_000), isProxied: true)
        plan.settings = ["SECKILL_QUEUE_CAPACITY": "24", "SECKILL_COMMIT_WAIT": "2s"]
        try await withStack(trial, plan) { stack in
            let node = stack.nodes[0]
            stack.postgresProxies[0].set(.delay(milliseconds: 50))
            _ = try await Flood.run(node, .closedLoop, connections: 24, seconds: 1, usersPrefix: "warm-")
            let calm = try await Flood.run(node, .closedLoop, connections: 24, seconds: 3, usersPrefix: "calm-")
            let capacity = calm.goodput(from: .zero, to: .seconds(3))
            trial.figure("capacity_per_second", capacity)
            guard capacity > 0 else { throw SetupFailure("nothing is sold even without overload") }
            let before = node.figures?.residentBytes ?? 0
            let floods = [calm] + (try await body(stack, capacity))
            boundedMemory(trial, node, before: before)
            stack.postgresProxies[0].set(.pass)
            let (intentions, log) = Flood.evidence(floods)
            for exchange in log { trial.answered(exchange.summary) }
            for flood in floods {
                let moments = trial.record.moments.map { ($0.fault, $0.at - flood.startedAt) }.filter { $0.1 >= .zero && $0.1 <= flood.duration }
                trial.add(CrowdFigures(Flood.evidence([flood]).log).effects(of: moments))
            }
            let (audit, seconds) = try await stack.comeToRest(soldOut: false)
            trial.figure("rest_seconds", seconds)
            let judge = FaultJudge(intentions: intentions, log: log, books: try await SaleBooks.read(stack), audit: audit, mustSellOut: false)
            // Buyers of requests that were never answered are strangers to the log.
            trial.add(judge.findings.filter { $0.rule != "no_unwanted_orders" })
        }
    }

    private static func overloaded(_ trial: Trial) async throws {
        try await withNarrowService(trial) { stack, capacity in
            var floods: [Flood] = []
            var peak = capacity
            for factor in [2.0, 5, 20, 0.8] {
                trial.injected("\(factor) times the capacity")
                let seconds = 4.0
                let flood = try await Flood.run(
                    stack.nodes[0], .perSecond(capacity * factor), connections: 200, seconds: seconds, usersPrefix: "load-\(Int(factor * 10))-")
                floods.append(flood)
                // The first second fills what was empty.
                let goodput = flood.goodput(from: .seconds(1), to: .seconds(seconds))
                trial.figure("goodput_at_\(factor)", goodput)
                trial.figure("sent_at_\(factor)", Double(flood.sent) / seconds / capacity)
                if factor > 1 {
                    trial.check("goodput_does_not_collapse", goodput >= peak * 0.8, "\(Int(goodput))/s at \(factor) times, \(Int(peak))/s at most")
                    peak = max(peak, goodput)
                }
            }
            return floods
        }
    }

    private static func frozenUnderOverload(_ trial: Trial) async throws {
        let freeze = trial.scale < 0.5 ? 3 : 5
        try await withNarrowService(trial) { stack, capacity in
            trial.injected("ten times the capacity")
            let flood = try await Flood.run(
                stack.nodes[0], .perSecond(capacity * 10), connections: 300, seconds: Double(freeze) + 14, usersPrefix: "flood-"
            ) { flood in
                try await Task.sleep(for: .seconds(2))
                trial.injected("Postgres frozen for \(freeze) s")
                await stack.postgres.freeze()
                try await Task.sleep(for: .seconds(freeze))
                await stack.postgres.thaw()
            }
            trial.figure("offered_times_capacity", Double(flood.offered) / (Double(freeze) + 14) / capacity)
            trial.figure("sent_times_capacity", Double(flood.sent) / (Double(freeze) + 14) / capacity)
            let thawed = freeze + 2
            let back = (0..<11).first { second in
                flood.goodput(from: .seconds(thawed + second), to: .seconds(thawed + second + 1)) >= capacity * 0.8
            }
            trial.figure("goodput_back_seconds", Double(back.map { $0 + 1 } ?? 999))
            trial.check("goodput_comes_back", back != nil, back.map { "within \($0 + 1) s of the thaw" } ?? "not within 10 s of the thaw")
            return [flood]
        }
    }

    private static func retryStorm(_ trial: Trial) async throws {
        let stock = trial.scaled(500, atLeast: 120)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2)) { stack in
            let before = stack.nodes.compactMap { $0.figures?.residentBytes }.max() ?? 0
            var plan = CrowdPlan.waves([(buyers: stock * 8 / 10, seconds: 4)], afterFaults: (buyers: stock, seconds: 1), seed: trial.seed)
            plan.retry = .storm
            let crowd = try await Crowd.run(plan, on: stack, trial) { crowd in
                try await crowd.waitUntil(bought: stock / 10)
                trial.injected("Redis frozen for 3 s")
                await stack.redis.freeze()
                try await Task.sleep(for: .seconds(3))
                await stack.redis.thaw()
                try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
            }
            trial.figure("requests_per_purchase", Double(crowd.log.count) / Double(crowd.intentions.count))
            boundedMemory(trial, before: before, after: stack.nodes.compactMap { $0.figures?.residentBytes }.max() ?? 0)
            try await stack.judge(crowd, trial)
        }
    }
}
