import LoadClient
import LoadSupport

extension Scenario {
    static let operatorMistakes = [
        Scenario(
            "T44", "operators: stock below what is sold, loading and opening twice, reopening, two at once, nonsense",
            bar: "0 bad commands accepted, books balance",
            mistakes)
    ]

    private static func mistakes(_ trial: Trial) async throws {
        try await withStack(trial, StackPlan(sale: SalePlan(stock: 100))) { stack in
            try await withWebClient { client in
                let node = stack.nodes[0]
                for number in 0..<10 { trial.answered(try await node.buy(client, user: "buyer-\(number)").summary) }
                func run(_ what: String, _ arguments: [String], input: String = "", statuses: Set<Int32>) async throws {
                    trial.injected(what)
                    let outcome = try await stack.seckill(arguments, input: input)
                    trial.check(
                        "bad_commands_are_refused", statuses.contains(outcome.status),
                        "\(what): exit \(outcome.status) \(outcome.messages.prefix(100))")
                }
                let add = ["stock", "add", "--sale", "flash", "--sku", "unit"]
                try await run("stock below what is sold", add + ["--", "-95"], statuses: [4])
                try await run("stock beyond 64 bits", add + ["9223372036854775807"], statuses: [2, 4])
                try await run("stock that is no number", add + ["many"], statuses: [2])
                try await run("stock of an unknown item", ["stock", "add", "--sale", "flash", "--sku", "none", "1"], statuses: [3])
                try await run("stock of an unknown sale", ["stock", "add", "--sale", "none", "--sku", "unit", "1"], statuses: [3])
                try await run("opening twice", ["sale", "apply", "-f", "-"], input: stack.sale.yaml(), statuses: [0])
                let csv = "sku,title,unit_price,currency,stock,limit_per_user\nunit,Unit,\(SalePlan.price),EUR,100,1\n"
                for _ in 0..<2 { try await run("loading twice", ["stock", "load", "--sale", "flash", "-f", "-"], input: csv, statuses: [0, 4]) }
                try await run(
                    "half a file", ["stock", "load", "--sale", "flash", "-f", "-"], input: csv + "other,Other,1,EUR,many,1\n", statuses: [2])
                try await run("a sale that is no YAML", ["sale", "apply", "-f", "-"], input: "sale: [", statuses: [2])
                try await run("deleting a sale", ["sale", "delete", "flash"], statuses: [2])
                let untouched = try await SaleBooks.read(stack)
                trial.check("stock_is_as_it_was", untouched.stock.map(\.loaded) == [100], "\(untouched.stock)")
                try await atOnce(trial, stack)
                try await pauses(trial, stack, node, client)
                let (audit, _) = try await stack.comeToRest(soldOut: false)
                trial.check("units_conserved", audit.isAtRest, audit.summary)
                try await run("closing without meaning it", ["sale", "close", "flash"], statuses: [2])
                try await run("closing", ["sale", "close", "flash", "--confirm", "flash"], statuses: [0])
                try await run("reopening what is closed", ["sale", "resume", "flash"], statuses: [4])
                let isClosed = try await eventually(within: .seconds(10)) { try await node.buy(client, user: "too-late").status == 410 }
                trial.check("closed_is_closed", isClosed, isClosed ? "410" : "still answered otherwise")
            }
        }
    }

    private static func atOnce(_ trial: Trial, _ stack: Stack) async throws {
        trial.injected("eight operators at once")
        let before = try await SaleBooks.read(stack).stock.map(\.loaded).reduce(0, +)
        let added = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let units = number % 2 == 0 ? 7 : -3
                    let outcome = try await stack.seckill(["stock", "add", "--sale", "flash", "--sku", "unit", "--", "\(units)"])
                    return outcome.status == 0 ? units : 0
                }
            }
            return try await group.reduce(0, +)
        }
        let after = try await SaleBooks.read(stack).stock.map(\.loaded).reduce(0, +)
        trial.check("nothing_is_lost_between_operators", after == before + added && added == 16, "\(before) and \(added) make \(after)")
    }

    private static func pauses(_ trial: Trial, _ stack: Stack, _ node: NodeProcess, _ client: WebClient) async throws {
        trial.injected("pause and resume")
        _ = try await stack.seckill(["sale", "pause", "flash"])
        let isPaused = try await eventually(within: .seconds(10)) { try await node.buy(client, user: "waiting").code == "paused" }
        _ = try await stack.seckill(["sale", "resume", "flash"])
        let sells = try await eventually(within: .seconds(10)) { try await node.buy(client, user: "patient").status == 201 }
        trial.check("pause_and_resume_are_heard", isPaused && sells, "\(isPaused ? "" : "not ")paused, \(sells ? "" : "not ")resumed")
    }
}
