import Foundation
import LoadClient
import LoadSupport

extension Scenario {
    static let webhookDeliveries = [
        Scenario(
            "A6", "a webhook receiver is down, slow, fails at random and changes its secret while nodes are killed",
            bar: "each event at least once, every signature genuine, none missing against SQL", webhooksDelivered)
    ]

    private static func webhooksDelivered(_ trial: Trial) async throws {
        let stock = trial.scaled(1_200, atLeast: 150)
        let rounds = trial.scaled(3, atLeast: 1)
        let merchant = try Merchant(trial, secretFile: "\(trial.directory)/shop.whsec")
        let receiver = WebhookReceiver { merchant.reply(to: $0) }
        try await receiver.start()
        let file = "\(trial.directory)/hooks.yaml"
        // Twenty attempts, so that chance alone gives nothing up.
        let retries = Array(repeating: "500ms", count: 20).joined(separator: ", ")
        try "- name: shop\n  url: \(receiver.url)\n  secret_file: \(merchant.secretFile)\n  retries: [\(retries)]\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        do {
            try await withStack(trial, StackPlan(sale: SalePlan(stock: stock), nodes: 2, settings: ["SECKILL_WEBHOOKS_FILE": file])) { stack in
                let plan = CrowdPlan.waves(
                    [(buyers: stock * 9 / 10, seconds: Double(rounds) * 8), (buyers: stock * 21 / 10, seconds: Double(stock) / 400)], seed: trial.seed
                )
                let crowd = try await Crowd.run(plan, on: stack, trial) { _ in
                    for _ in 0..<rounds { try await trouble(trial, stack, merchant, receiver) }
                }
                try await stack.judge(crowd, trial)
                try await judge(trial, stack, merchant, receiver)
            }
        } catch {
            await receiver.stop()
            throw error
        }
        await receiver.stop()
    }

    private static func trouble(_ trial: Trial, _ stack: Stack, _ merchant: Merchant, _ receiver: WebhookReceiver) async throws {
        trial.injected("receiver answers 500, 429, 503 or hangs up at random")
        merchant.mood = .failing
        try await trial.pause(500...1_500)
        try await kill(trial, stack)
        trial.injected("receiver down")
        await receiver.stop()
        try await trial.pause(500...1_500)
        try await kill(trial, stack)
        try await receiver.start()
        trial.injected("receiver slow")
        merchant.mood = .slow
        try await trial.pause(1_000...2_000)
        merchant.mood = .well
        trial.injected("new secret")
        try await merchant.changeSecret()
    }

    private static func kill(_ trial: Trial, _ stack: Stack) async throws {
        let node = trial.pick(stack.nodes)
        trial.injected("kill -9 \(node.name)")
        await node.kill()
        try await trial.pause(0...300)
        try await node.startAndWait()
    }

    private static func judge(_ trial: Trial, _ stack: Stack, _ merchant: Merchant, _ receiver: WebhookReceiver) async throws {
        let expected = Set(
            try await stack.postgres.query(
                """
                SELECT 'evt_' || turn || '-' || id || '-' || part
                FROM events CROSS JOIN LATERAL generate_series(1, greatest(coalesce(cardinality(orders), 0), 1)) AS part
                """
            ).map { $0[0] })
        // The one who served may be dead, which shows after ten seconds.
        _ = try await eventually(within: .seconds(90), every: .milliseconds(200)) { Set(receiver.taken.map(\.id)).isSuperset(of: expected) }
        let taken = receiver.taken
        let ids = Set(taken.map(\.id))
        let missing = expected.subtracting(ids)
        trial.figure("events", Double(expected.count))
        trial.figure("webhooks", Double(receiver.messageCount))
        trial.figure("webhooks_taken_again", Double(taken.count - ids.count))
        trial.check("each_event_arrives", missing.isEmpty, "\(missing.count) of \(expected.count) missing \(missing.sorted().prefix(3))")
        let unknown = ids.subtracting(expected)
        trial.check("no_other_event_arrives", unknown.isEmpty, "\(unknown.count) unknown \(unknown.sorted().prefix(3))")
        trial.check("every_signature_is_genuine", merchant.forged == 0, "\(merchant.forged) of \(receiver.messageCount) under no secret of the day")
        let changed = Dictionary(grouping: taken, by: \.id).values.filter { Set($0.map(\.body)).count > 1 }
        trial.check("an_event_is_told_alike_each_time", changed.isEmpty, "\(changed.count) of \(ids.count)")
        let committed = Set(taken.compactMap { merchant.order(committedIn: $0) })
        let orders = Set(try await stack.postgres.query("SELECT id FROM orders WHERE state <> 'rejected'").map { $0[0] })
        trial.check("each_order_is_told", committed == orders, "\(committed.count) told, \(orders.count) in Postgres")
        let isSettled = try await eventually(within: .seconds(30), every: .milliseconds(200)) {
            try await stack.postgres.query("SELECT count(*) FROM webhook_failures").first?.first == "0"
        }
        trial.check("no_failure_is_left", isSettled, "webhook_failures")
    }
}
