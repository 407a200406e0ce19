import Foundation
import LoadModel
import LoadSupport
import Testing

/// Every scenario against the service itself, one after the other on one stack.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ScenarioTests {
    @Test func anHonestServiceHoldsInEveryScenario() async throws {
        try await SeckillStack.with { stack in
            try await rushAndMerge(stack)
            try await soldOut(stack)
            try await ramp(stack)
            try await soak(stack)
            try await bots(stack)
            try await life(stack)
        }
    }

    private func run(_ scenario: String, _ stack: SeckillStack, _ sale: String, users: Int, _ more: [String]) async throws -> RunReport {
        let arguments = [scenario] + stack.arguments(sale, users: users) + ["--database-url", try stack.databaseURL(), "--settle", "90s"] + more
        let outcome = try await LoadCommand.run(arguments)
        let report = try outcome.report()
        #expect(outcome.status == 0, "\(scenario): \(report.failedRules) \(outcome.messages)")
        #expect(report.setup.scenario == scenario)
        return report
    }

    private func rushAndMerge(_ stack: SeckillStack) async throws {
        try await stack.sell("rush", stock: 1_000)
        let folders = ["one", "two"].map { stack.directory.appending(path: $0).path }
        for folder in folders {
            let report = try await run(
                "rush", stack, "rush", users: 500,
                [
                    "--rate", "20", "--duration", "3s", "--spike-rate", "40", "--spike-duration", "1s", "--report", folder, "--metrics-url",
                    stack.metrics, "--pids", "service=\(stack.pid)",
                ])
            #expect(report.count(.committed) == 80)
            #expect(report.series.processes.map(\.process) == ["generator", "service"])
            #expect(report.series.metrics.contains { $0.name == "queue_orders" })
        }
        let whole = stack.directory.appending(path: "whole").path
        let merged = try await LoadCommand.run(["merge"] + folders + ["--report", whole, "-o", "json", "--threshold-failures", "0"])
        let report = try merged.report()
        #expect(merged.status == 0, "\(report.failedRules)")
        #expect(report.count(.committed) == 160)
        #expect(report.setup.users == 1_000)
        let page = try String(contentsOfFile: "\(whole)/report.html", encoding: .utf8)
        #expect(page.contains("generator 2"))
    }

    private func soldOut(_ stack: SeckillStack) async throws {
        try await stack.sell("soldout", stock: 5)
        _ = try await run("rush", stack, "soldout", users: 50, ["--rate", "20", "--duration", "1s"])
        let report = try await run(
            "soldout", stack, "soldout", users: 500,
            ["--rate", "40", "--duration", "1s", "--threshold-p99", "30s", "--threshold-refusal-rate", "0.1"])
        #expect(report.count(.soldOut) == 40)
        #expect(report.thresholds.map(\.rule) == ["threshold_p99", "threshold_refusal_rate"])
    }

    private func ramp(_ stack: SeckillStack) async throws {
        try await stack.sell("ramp", stock: 1_000)
        let report = try await run(
            "ramp", stack, "ramp", users: 1_000,
            ["--rate-from", "10", "--rate-to", "30", "--rate-step", "10", "--step-duration", "1s", "--knee-p99", "30s", "--threshold-capacity", "30"])
        #expect(report.ramp?.capacity == 30)
        #expect(report.ramp?.steps.map(\.committed) == [10, 20, 30])
    }

    private func soak(_ stack: SeckillStack) async throws {
        try await stack.sell("soak", stock: 1_000)
        let report = try await run(
            "soak", stack, "soak", users: 1_000,
            ["--rate", "20", "--duration", "9s", "--pids", "service=\(stack.pid)", "--drift-memory", "100", "--drift-p99", "10000"])
        #expect(report.thresholds.map(\.rule) == ["memory_steady_service", "p99_steady"])
        #expect(report.drifts?.map(\.name) == ["memory of generator", "memory of service", "p99 of purchases"])
    }

    private func bots(_ stack: SeckillStack) async throws {
        try await stack.sell("bots", stock: 1_000, limitPerUser: 2)
        let report = try await run(
            "bots", stack, "bots", users: 500,
            [
                "--rate", "20", "--duration", "3s", "--hammer-rate", "40", "--shared-rate", "20", "--replay-rate", "4", "--replay-copies", "3",
                "--rebuy-rate", "4", "--rebuy-rounds", "2",
            ])
        #expect(report.groups.map(\.name) == ["honest", "hammer", "one address", "repeated keys", "cancel and rebuy", "payment", "cancellation"])
        let hammer = try #require(report.groups.first { $0.name == "hammer" })
        #expect(hammer.outcomes.contains { $0.outcome == .rateLimited || $0.outcome == .limitReached })
        let rebuy = try #require(report.groups.first { $0.name == "cancel and rebuy" })
        #expect(rebuy.offered > 12)
    }

    private func life(_ stack: SeckillStack) async throws {
        try await stack.sell("life", stock: 1_000)
        let psql = Psql(url: try stack.databaseURL())
        let report = try await withThrowingTaskGroup(of: RunReport?.self) { tasks in
            tasks.addTask {
                try await run(
                    "life", stack, "life", users: 1_000,
                    [
                        "--rate", "20", "--duration", "2s", "--paid", "0.4", "--failed", "0.1", "--cancelled", "0.3", "--think", "50ms",
                        "--payment-secret-file", stack.paymentSecretFile,
                    ])
            }
            tasks.addTask {
                // No sale waits less than a minute for payments; what nobody pays becomes due at
                // once here.
                while true {
                    try await Task.sleep(for: .milliseconds(200))
                    _ = try await psql.rows(
                        "UPDATE orders SET pay_by = now(), due_by_batch = false WHERE state = 'awaiting_payment' AND created_at < now() - interval '2 seconds'"
                    )
                }
            }
            defer { tasks.cancelAll() }
            return try #require(try await tasks.next() ?? nil)
        }
        #expect(report.invariants.contains { $0.rule == "units_conserved" })
        #expect(report.groups.first { $0.name == "payment" }?.offered ?? 0 > 0)
    }
}
