import LoadClient
import LoadModel

extension Scenario {
    static let keyAbuse = [
        Scenario(
            "T34", "idempotency keys: 200 at once, in sequence, after restart, with another payload, by another user, of every shape",
            bar: "1 order per key, 0 differing answers, 0 hits across users", abusedKeys)
    ]

    private static func abusedKeys(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 500, limitPerUser: 5), nodes: 2)) { stack in
            try await withWebClient { client in
                let node = stack.nodes[0]
                try await atOnce(trial, stack, client)
                let first = try await node.buy(client, user: "ann", key: "k1")
                let again = try await stack.nodes[1].buy(client, user: "ann", key: "k1")
                trial.answered(first.summary)
                trial.check(
                    "sequence_is_replayed", first.status == 201 && again.body == first.body && again.isReplayed,
                    "\(first.summary), then \(again.summary)")
                trial.injected("restart of a node")
                try await stack.restartNode(node)
                let later = try await node.buy(client, user: "ann", key: "k1")
                trial.check("restart_is_replayed", later.body == first.body && later.isReplayed, later.summary)
                let quoted = try await node.buy(client, user: "ann", key: "\"k1\"")
                trial.check("quotes_do_not_matter", quoted.body == first.body, quoted.summary)
                let other = try await node.buy(client, quantity: 2, user: "ann", key: "k1")
                trial.check("other_payload_is_refused", other.status == 422 && other.code == "idempotency_mismatch", other.summary)
                let stranger = try await node.buy(client, user: "bob", key: "k1")
                trial.check(
                    "other_user_has_own_order", stranger.status == 201 && stranger.order != first.order && !stranger.isReplayed, stranger.summary)
                try await shapes(trial, node, client)
                let (audit, _) = try await stack.comeToRest(soldOut: false)
                trial.check("units_conserved", audit.isAtRest, audit.summary)
                let doubled = try await stack.postgres.query(
                    "SELECT count(*) FROM (SELECT 1 FROM orders WHERE idempotency_key IS NOT NULL GROUP BY user_id, idempotency_key HAVING count(*) > 1) AS d"
                )
                trial.check("one_order_per_key", doubled.first?.first == "0", "\(doubled.first?.first ?? "?") keys with two orders")
            }
        }
    }

    /// 200 requests with one key, over both nodes.
    private static func atOnce(_ trial: Trial, _ stack: Stack, _ client: WebClient) async throws {
        trial.injected("200 requests with one key at once")
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for number in 0..<200 {
                group.addTask { try await stack.nodes[number % 2].buy(client, user: "crowded", key: "all-the-same", timeout: .seconds(20)) }
            }
            return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        answers.forEach { trial.answered($0.summary) }
        let orders = Set(answers.compactMap(\.order))
        let bodies = Set(answers.filter { $0.status == 201 }.map(\.body))
        let strange = answers.filter { ![201, 202, 503].contains($0.status) && $0.code != "idempotency_in_progress" }
        trial.check(
            "one_order_of_200", orders.count == 1 && bodies.count <= 1 && strange.isEmpty,
            "\(orders.count) orders, \(bodies.count) bodies, \(strange.count) other answers\(strange.first.map { ", such as " + $0.summary } ?? "")")
    }

    /// Keys that are no keys, and keys that are only just.
    private static func shapes(_ trial: Trial, _ node: NodeProcess, _ client: WebClient) async throws {
        let longest = String(repeating: "x", count: 255)
        for (name, key, isGood) in [
            ("255 characters", longest, true), ("256 characters", longest + "x", false), ("empty", "", false), ("a space", "a b", false),
            ("10,000 characters", String(repeating: "y", count: 10_000), false), ("not ASCII", "schl\u{FC}ssel", false),
            ("punctuation", "!#$%&'*+-.^_`|~", true),
        ] {
            trial.injected("key: \(name)")
            guard let answer = try? await node.buy(client, user: "shape-\(isGood ? "good" : "bad")", key: key) else {
                // A client library may refuse to send it at all.
                trial.note("key \(name): not sent, or the connection was closed")
                continue
            }
            trial.answered(answer.summary)
            let fits = isGood ? answer.status == 201 : [400, 422, 431].contains(answer.status)
            trial.check("key_shapes", fits && answer.isDocumented, "\(name): \(answer.summary)")
        }
    }
}
