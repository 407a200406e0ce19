import Foundation
import LoadSupport

extension Scenario {
    static let readOnlyPostgres = [
        Scenario(
            "T52b", "Postgres turns read-only and back under load", bar: "not ready, one line with its words, recovery within 10 s", turnsReadOnly)
    ]

    private static func turnsReadOnly(_ trial: Trial) async throws {
        let stock = trial.scaled(900, atLeast: 200)
        try await underLoad(trial, stock: stock, seconds: 10) { stack, crowd in
            trial.injected("default_transaction_read_only for 3 s")
            try await set("on", on: stack.postgres)
            let isUnready = try await eventually(within: .seconds(10)) {
                for node in stack.nodes where try await node.isReady() { return false }
                return true
            }
            trial.check("not_ready", isUnready, isUnready ? "every node says so" : "a node is ready")
            try await Task.sleep(for: .seconds(3))
            try await set("off", on: stack.postgres)
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
            for node in stack.nodes {
                let lines = try String(contentsOfFile: node.log, encoding: .utf8).split(separator: "\n").filter { $0.contains("confirms no orders") }
                trial.check("told_once", lines.count == 1 && lines[0].contains("read"), "\(node.name): \(lines.count) lines")
            }
        }
    }

    private static func set(_ value: String, on postgres: PostgresServer) async throws {
        _ = try await postgres.query("ALTER SYSTEM SET default_transaction_read_only = \(value)")
        _ = try await postgres.query("SELECT pg_reload_conf()")
    }
}
