extension Scenario {
    static let postgresTroubles = [
        Scenario(
            "T18", "Postgres: a table locked, a stock row held by an idle transaction, connections used up", bar: "bounded, recovery within 10 s",
            lockedAndFull)
    ]

    private static func lockedAndFull(_ trial: Trial) async throws {
        let stock = trial.scaled(900, atLeast: 200)
        let connections = 24
        try await underLoad(trial, stock: stock, seconds: 16) { plan in
            plan.postgresSettings = ["max_connections=\(connections)", "superuser_reserved_connections=3"]
        } _: { stack, crowd in
            let postgres = stack.postgres
            trial.injected("LOCK TABLE stock for 3 s")
            _ = try await postgres.query("BEGIN; LOCK TABLE stock IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT;")
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
            trial.injected("stock row held by an idle transaction for 3 s")
            _ = try await postgres.query("BEGIN; SELECT loaded FROM stock FOR UPDATE; SELECT pg_sleep(3); COMMIT;")
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
            trial.injected("all connections used up for 4 s, those of the nodes ended")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<connections {
                    // Those that find no room fail, which is the point.
                    group.addTask { _ = try? await postgres.query("SELECT pg_sleep(4)") }
                }
                try await Task.sleep(for: .milliseconds(500))
                _ = try? await postgres.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND query NOT LIKE '%pg_sleep%'")
                try await group.waitForAll()
            }
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
        }
    }
}
