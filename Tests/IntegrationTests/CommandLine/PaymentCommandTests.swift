import Foundation
import Testing

/// A payment is tried out against the running service.
@Suite(.timeLimit(.minutes(3))) struct PaymentCommandTests {
    @Test func anEventIsSignedAndTaken() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let secret = "\(directory.path)/payment-secret"
        try String(repeating: "s", count: 40).write(toFile: secret, atomically: true, encoding: .utf8)
        try await withOperator { shell in
            try await shell.apply()
            var seckill = shell.seckill
            seckill.environment["SECKILL_PAYMENT_SECRET_FILE"] = secret
            let node = try ServeProcess(environment: seckill.environment)
            seckill.environment["SECKILL_BIND"] = "127.0.0.1:\(node.port)"
            try await node.isReady()
            try await node.service.sees(shell.saleID, "open")
            let bought = try await node.service.buy(shell.saleID, sku: "lamp", as: "ann")
            let id = "\(try #require(bought.id))"
            let foreseen = try await seckill("payment", "send", "--order", id, "--outcome", "succeeded", "--event", "e-0", "--dry-run")
            #expect(try foreseen.status == 0 && foreseen.json()["amount"] as? Int == 1_999, "\(foreseen.messages)")
            #expect(try await seckill("order", "show", id, "-o", "json").json()["state"] as? String == "awaiting_payment")
            for (arguments, status, says) in [
                (["--outcome", "succeeded", "--event", "e-1"], 0, "200"), (["--outcome", "succeeded", "--event", "e-1"], 0, "200"),
                (["--outcome", "succeeded", "--amount", "1"], 4, "422"), (["--outcome", "perhaps"], 2, "perhaps"),
            ] as [([String], Int32, String)] {
                let outcome = try await seckill(["payment", "send", "--order", id] + arguments)
                #expect(outcome.status == status && outcome.messages.contains(says), "\(arguments): \(outcome.status) \(outcome.messages)")
            }
            let shown = try await seckill("order", "show", id, "-o", "json").json()
            #expect(shown["state"] as? String == "paid" && (shown["payments"] as? [[String: Any]])?.first?["event_id"] as? String == "e-1")
            #expect(shown["amount_received"] as? Int == 1_999)

            node.command.signal(SIGKILL)
            _ = try await node.command.outcome()
            #expect(try await seckill("payment", "send", "--order", id, "--outcome", "failed").status == 6)
            seckill.environment["SECKILL_PAYMENT_SECRET_FILE"] = nil
            for flags in [[], ["--dry-run"]] {
                #expect(try await seckill(["payment", "send", "--order", id, "--outcome", "failed"] + flags).status == 2)
            }
        }
    }
}
