import LoadClient
import NIOHTTP1

extension Scenario {
    static let objectAccess = [
        Scenario(
            "T37", "other users' orders: read, cancel, list, guess; fields that are not the buyer's to set; admin routes", bar: "0 leaks",
            othersOrders)
    ]

    private static func othersOrders(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 100, limitPerUser: 3))) { stack in
            try await withWebClient { client in
                let node = stack.nodes[0]
                let mine = try await node.buy(client, user: "alice", key: "alices-key")
                trial.answered(mine.summary)
                guard let id = mine.order else { throw SetupFailure("alice could not buy: \(mine.summary)") }
                func ask(_ what: String, _ method: HTTPMethod, _ path: String, _ user: String?, body: String? = nil, statuses: Set<Int>) async throws
                {
                    trial.injected(what)
                    let headers = (user.map { [("X-User-Id", $0)] } ?? []) + (body == nil ? [] : [("Content-Type", "application/json")])
                    let answer = try await client.send(method, node.base + path, headers: headers, body: body)
                    trial.answered(answer.summary)
                    let leaks = answer.body.contains(id) || answer.body.contains("alice")
                    trial.check("no_leak", !leaks, "\(what): \(leaks ? answer.body : "nothing of alice")")
                    trial.check("refused_as_documented", statuses.contains(answer.status), "\(what): \(answer.summary)")
                }
                try await ask("read", .GET, "/v1/orders/" + id, "bob", statuses: [404])
                try await ask("read as nobody", .GET, "/v1/orders/" + id, nil, statuses: [401])
                try await ask("cancel", .POST, "/v1/orders/\(id)/cancel", "bob", statuses: [404])
                try await ask("cancel as nobody", .POST, "/v1/orders/\(id)/cancel", nil, statuses: [401])
                try await ask("list", .GET, "/v1/orders", "bob", statuses: [200])
                try await ask("list with her id as cursor", .GET, "/v1/orders?cursor=\(id)", "bob", statuses: [200, 400, 422])
                try await ask("list of another user by query", .GET, "/v1/orders?user=alice&user_id=alice", "bob", statuses: [200, 400, 422])
                for guess in guesses(trial, id) { try await ask("guessed id", .GET, "/v1/orders/\(guess)", "bob", statuses: [400, 404]) }
                for path in ["/metrics", "/admin", "/v1/admin", "/v1/sales/flash/pause", "/debug"] {
                    try await ask("admin route", .GET, path, "alice-the-admin", statuses: [404, 405])
                }
                try await massAssignment(trial, stack, client)
                try await identities(trial, node, client)
                let after = try await node.order(client, id, user: "alice")
                trial.check("her_order_is_unchanged", after.json["state"] as? String == "awaiting_payment", after.body)
            }
        }
    }

    /// Ids near the real one, and ids that are none.
    private static func guesses(_ trial: Trial, _ id: String) -> [String] {
        let digits = Array("0123456789abcdef")
        return (0..<20).map { _ in
            var text = Array(id)
            text[text.count - 1 - trial.pick(0...3)] = digits[trial.pick(0...15)]
            return String(text)
        }.filter { $0 != id } + [id.uppercased() + "0", "0", "00000000-0000-7000-8000-000000000000", "%27%20OR%201=1"]
    }

    private static func massAssignment(_ trial: Trial, _ stack: Stack, _ client: WebClient) async throws {
        trial.injected("fields that are not the buyer's to set")
        let body = """
            {"sku":"unit","quantity":1,"unit_price":1,"price":1,"user_id":"alice","user":"alice","state":"paid","status":"paid","id":"01900000-0000-7000-8000-000000000000"}
            """
        let answer = try await client.send(
            .POST, "\(stack.nodes[0].base)/v1/sales/flash/orders", headers: [("X-User-Id", "mass"), ("Content-Type", "application/json")], body: body)
        trial.answered(answer.summary)
        let isFair =
            answer.status >= 400
            || (answer.json["unit_price"] as? Int == SalePlan.price && answer.json["state"] as? String != "paid"
                && answer.order != "01900000-0000-7000-8000-000000000000")
        let stolen = try await stack.postgres.query("SELECT count(*) FROM orders WHERE state = 'paid' OR unit_price <> \(SalePlan.price)")
        trial.check("fields_are_not_taken", isFair && stolen.first?.first == "0", "\(answer.summary): \(answer.body)")
    }

    private static func identities(_ trial: Trial, _ node: NodeProcess, _ client: WebClient) async throws {
        let cases: [(String, [(String, String)])] = [
            ("none", []), ("empty", [("X-User-Id", "")]), ("two", [("X-User-Id", "alice"), ("X-User-Id", "bob")]),
            ("a space", [("X-User-Id", "al ice")]),
            ("129 characters", [("X-User-Id", String(repeating: "a", count: 129))]), ("an underscore in the name", [("X_User_Id", "alice")]),
        ]
        for (name, headers) in cases {
            trial.injected("identity: \(name)")
            let answer = try await client.send(.GET, "\(node.base)/v1/orders", headers: headers)
            trial.answered(answer.summary)
            trial.check("bad_identity_is_refused", [400, 401].contains(answer.status), "\(name): \(answer.summary)")
        }
    }
}
