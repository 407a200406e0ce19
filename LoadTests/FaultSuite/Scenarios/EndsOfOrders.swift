import Cryptography
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1

extension Scenario {
    static let endsOfOrders = [
        Scenario(
            "A4b", "500 orders raced by payment, cancellation and expiry",
            bar: "one final state each, units conserved, late payments flagged, what came back is sold",
            racedEnds)
    ]

    private static let secret = "the payment provider's secret, forty bytes"

    private static func racedEnds(_ trial: Trial) async throws {
        let count = trial.scaled(500, atLeast: 60)
        let file = "\(trial.directory)/payment-secret"
        try Data(secret.utf8).write(to: URL(filePath: file))
        var sale = SalePlan(stock: count)
        sale.payWithin = "1m"
        let plan = StackPlan(sale: sale, nodes: 2, settings: ["SECKILL_PAYMENT_SECRET_FILE": file])
        try await withStack(trial, plan) { stack in
            try await withWebClient { client in
                let orders = try await buyAll(trial, stack, client, count)
                trial.check("all_were_bought", orders.count == count, "\(orders.count) of \(count)")
                trial.injected("\(orders.count) orders raced by payment, cancellation and expiry")
                try await race(trial, stack, client, orders)
                try await judgeEnds(trial, stack, client, orders)
                try await sellAgain(trial, stack, client)
            }
        }
    }

    private static func buyAll(_ trial: Trial, _ stack: Stack, _ client: WebClient, _ count: Int) async throws -> [String: String] {
        try await withThrowingTaskGroup(of: (String, String)?.self) { group in
            for number in 0..<count {
                group.addTask {
                    for attempt in 0..<20 {
                        let user = "racer-\(number)"
                        let answer = try? await stack.nodes[(number + attempt) % 2].buy(
                            client, user: user, key: "key-\(number)", timeout: .seconds(10))
                        trial.answered(answer?.summary ?? "no answer")
                        if answer?.status == 201, let id = answer?.order { return (id, user) }
                        try await Task.sleep(for: .milliseconds(200))
                    }
                    return nil
                }
            }
            return try await group.reduce(into: [:]) { orders, order in if let order { orders[order.0] = order.1 } }
        }
    }

    /// Every order meets all three, in an order that chance decides.
    private static func race(_ trial: Trial, _ stack: Stack, _ client: WebClient, _ orders: [String: String]) async throws {
        // The outcome of each payment decides half of the fates; pauses decide who is first.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, (id, user)) in orders.sorted(by: { $0.key < $1.key }).enumerated() {
                let (payAfter, cancelAfter, fails) = (trial.pick(0...3_000), trial.pick(0...3_000), trial.pick(0...9) == 0)
                group.addTask {
                    try await Task.sleep(for: .milliseconds(payAfter))
                    for copy in 0..<2 {
                        let answer = try? await pay(stack.nodes[(number + copy) % 2], client, order: id, event: "event-\(id)", succeeds: !fails)
                        trial.answered(answer.map { "payment \($0.summary)" } ?? "payment: no answer")
                    }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(cancelAfter))
                    let answer = try? await client.send(
                        .POST, "\(stack.nodes[number % 2].base)/v1/orders/\(id)/cancel", headers: [("X-User-Id", user)])
                    trial.answered(answer.map { "cancel \($0.summary)" } ?? "cancel: no answer")
                    let isFine = answer.map { $0.status == 200 || $0.code == "not_cancellable" } ?? false
                    trial.check("cancel_is_answered", isFine, answer?.summary ?? "no answer")
                }
            }
            group.addTask {
                // A third of the orders becomes due, a few at a time, while the others race.
                for _ in 0..<6 {
                    try await Task.sleep(for: .milliseconds(400))
                    _ = try await stack.postgres.query(
                        """
                        UPDATE orders SET pay_by = now() - interval '1 second', due_by_batch = false
                        WHERE id IN (SELECT id FROM orders WHERE state = 'awaiting_payment' AND random() < 0.1)
                        """
                    )
                }
            }
            try await group.waitForAll()
        }
    }

    private static func judgeEnds(_ trial: Trial, _ stack: Stack, _ client: WebClient, _ orders: [String: String]) async throws {
        let isOver = try await eventually(within: .seconds(30), every: .milliseconds(200)) {
            try await stack.postgres.query("SELECT count(*) FROM orders WHERE state NOT IN ('paid', 'cancelled', 'expired')").first?.first == "0"
        }
        let states = try await stack.postgres.query("SELECT state, count(*) FROM orders GROUP BY state")
        for row in states { trial.figure("orders_\(row[0])", Double(row[1]) ?? -1) }
        trial.check("every_order_has_ended", isOver, states.map { $0.joined(separator: " ") }.joined(separator: ", "))
        trial.injected("late payments")
        let released = try await stack.postgres.query("SELECT id FROM orders WHERE state IN ('cancelled', 'expired') ORDER BY id LIMIT 40")
        for row in released {
            let answer = try await pay(stack.nodes[0], client, order: row[0], event: "late-\(row[0])", succeeds: true)
            let isFlagged = answer.status == 200 && answer.json["refund_due"] as? Bool == true
            trial.check("late_payments_are_flagged", isFlagged, "\(answer.summary): \(answer.body.prefix(60))")
        }
        let unflagged = try await stack.postgres.query(
            """
            SELECT count(*) FROM orders o JOIN payment_events e ON e.order_id = o.id
            WHERE e.outcome = 'succeeded' AND o.state IN ('cancelled', 'expired') AND NOT o.refund_due
            """)
        trial.check(
            "no_payment_is_forgotten", unflagged.first?.first == "0", "\(unflagged.first?.first ?? "?") released orders were paid and are not flagged"
        )
        let untouched = try await stack.postgres.query(
            "SELECT count(*) FROM orders o WHERE o.state = 'paid' AND NOT EXISTS (SELECT 1 FROM payment_events e WHERE e.order_id = o.id AND e.outcome = 'succeeded')"
        )
        trial.check("paid_means_paid", untouched.first?.first == "0", "\(untouched.first?.first ?? "?") orders are paid without a payment")
        let forged = try await client.send(
            .POST, "\(stack.nodes[0].base)/v1/payments/events", headers: [("Content-Type", "application/json"), ("Seckill-Signature", "t=1,v1=00")],
            body: "{}")
        trial.check("forged_payment_is_refused", [400, 401, 403].contains(forged.status), forged.summary)
        let (audit, seconds) = try await stack.comeToRest(soldOut: false)
        trial.figure("rest_seconds", seconds)
        trial.check("units_conserved", audit.isAtRest, audit.summary)
    }

    /// What came back is for sale again, all of it.
    private static func sellAgain(_ trial: Trial, _ stack: Stack, _ client: WebClient) async throws {
        let books = try await SaleBooks.read(stack)
        let free = books.stock.reduce(0) { $0 + $1.loaded - $1.committed }
        var sold = 0
        for number in 0..<free + 5 {
            let isSold = try await eventually(within: .seconds(5), every: .milliseconds(100)) {
                let answer = try await stack.nodes[number % 2].buy(client, user: "second-wave-\(number)", key: "second-wave-\(number)")
                trial.answered(answer.summary)
                if answer.status == 409 { return true }
                if answer.status == 201 { sold += 1 }
                return answer.status == 201
            }
            if !isSold { break }
        }
        trial.figure("sold_again", Double(sold))
        trial.check("given_back_units_are_sold", sold == free, "\(sold) of \(free)")
    }

    private static func pay(_ node: NodeProcess, _ client: WebClient, order: String, event: String, succeeds: Bool) async throws -> Answer {
        let body =
            "{\"event_id\":\"\(event)\",\"order_id\":\"\(order)\",\"outcome\":\"\(succeeds ? "succeeded" : "failed")\",\"amount\":\(SalePlan.price),\"currency\":\"\(SalePlan.currency)\"}"
        let now = Int(Date().timeIntervalSince1970)
        let code = HMACKey(Array(secret.utf8)).code(of: "\(now).\(body)".utf8.span)
        let signature = code.map { String(format: "%02x", $0) }.joined()
        return try await client.send(
            .POST, "\(node.base)/v1/payments/events",
            headers: [("Content-Type", "application/json"), ("Seckill-Signature", "t=\(now),v1=\(signature)")], body: body, timeout: .seconds(10))
    }
}
