import LoadClient
import LoadModel
import LoadSupport
import NIOHTTP1

extension Scenario {
    static let oneAnswerPerKey = [
        Scenario(
            "A4a", "50 keys, 40 requests at once for each: at first, after a restart of the nodes, after a loss of Redis, after cancellation",
            bar: "one order per key, identical answers", oneAnswer)
    ]

    private static func oneAnswer(_ trial: Trial) async throws {
        let keys = trial.scaled(50, atLeast: 8)
        let copies = trial.scaled(40, atLeast: 12)
        try await withStack(trial, StackPlan(sale: SalePlan(stock: keys * 2), nodes: 2)) { stack in
            try await withWebClient { client in
                let answers = KeyAnswers()
                @Sendable func round() async throws { try await ask(stack, client, trial, answers, keys: keys, copies: copies) }
                @Sendable func lose() async throws {
                    let start = ContinuousClock.now
                    try await stack.redis.restartEmpty()
                    for node in stack.nodes { try await sellsSomething(node, client) }
                    trial.figureMax("recovery_seconds", (ContinuousClock.now - start).seconds)
                }
                try await round()
                trial.injected("restart of both nodes")
                for node in stack.nodes { try await stack.restartNode(node) }
                try await round()
                trial.injected("redis restarted empty")
                try await lose()
                try await round()
                trial.injected("cancellation of every order")
                let cancelled = try await cancelAll(stack, client)
                trial.check("orders_cancelled", cancelled == keys, "\(cancelled) of \(keys) orders could be cancelled")
                try await round()
                trial.injected("redis restarted empty after the cancellations")
                try await lose()
                try await round()
                let stored = try await stack.postgres.query(
                    "SELECT user_id, count(*) FROM orders WHERE user_id LIKE 'keyed-%' AND state <> 'rejected' GROUP BY user_id")
                trial.add(answers.findings(keys: keys, ordersInPostgres: Dictionary(stored.map { ($0[0], Int($0[1]) ?? 0) }) { $0 + $1 }))
                let strange = answers.undocumented
                trial.check(
                    "documented_statuses", strange.isEmpty,
                    "\(strange.count) answers outside the contract, such as \(strange.first?.summary ?? "none")")
                let (audit, _) = try await stack.comeToRest(soldOut: false)
                trial.check("units_conserved", audit.isAtRest, audit.summary)
            }
        }
    }

    /// `copies` requests for each key, all at once, over both nodes; those that are told to come
    /// again do.
    private static func ask(
        _ stack: Stack, _ client: WebClient, _ trial: Trial, _ answers: KeyAnswers, keys: Int, copies: Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<keys * copies {
                group.addTask {
                    let user = "keyed-\(number % keys)"
                    for attempt in 0..<60 {
                        let node = stack.nodes[(number / keys + attempt) % stack.nodes.count]
                        guard let answer = try? await node.buy(client, user: user, key: "one-\(user)", timeout: .seconds(20)) else {
                            trial.answered("no answer")
                            continue
                        }
                        trial.answered(answer.summary)
                        answers.add(answer, key: user)
                        guard KeyAnswers.mayPass(answer) else { return }
                        try await Task.sleep(for: .milliseconds(200))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Cancels every order of the keyed users, each by its owner.
    private static func cancelAll(_ stack: Stack, _ client: WebClient) async throws -> Int {
        let orders = try await stack.postgres.query("SELECT id, user_id FROM orders WHERE state = 'awaiting_payment' AND user_id LIKE 'keyed-%'")
        var count = 0
        for row in orders {
            let answer = try await client.send(.POST, "\(stack.nodes[0].base)/v1/orders/\(row[0])/cancel", headers: [("X-User-Id", row[1])])
            if answer.status == 200, answer.json["state"] as? String == "cancelled" { count += 1 }
        }
        return count
    }

    /// Waits until a purchase that cannot succeed is refused for what it is, and not because the
    /// sale recovers.
    static func sellsSomething(_ node: NodeProcess, _ client: WebClient, within patience: Duration = .seconds(20)) async throws {
        let isSelling = try await eventually(within: patience, every: .milliseconds(50)) {
            let answer = try? await node.buy(client, quantity: 999, user: "prober")
            return answer?.status == 409 || answer?.status == 422
        }
        guard isSelling else { throw SetupFailure("\(node.name) does not sell again") }
    }
}
