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
            let greedy = try await useUpConnections(postgres, connections)
            try await Task.sleep(for: .seconds(4))
            for connection in greedy { await connection.close() }
            try await sellsAgain(crowd, trial, after: crowd.now, within: .seconds(10))
        }
    }

    /// Each says hello and then nothing: Postgres keeps a place for it until its
    /// `authentication_timeout`. The nodes' own connections are ended, so that they find no place.
    private static func useUpConnections(_ postgres: PostgresServer, _ count: Int) async throws -> [RawConnection] {
        // Length, protocol 3.0, and whom it wants to be (PostgreSQL manual, 55.7, StartupMessage).
        let words = Array("user\0seckill\0database\0seckill\0\0".utf8)
        let hello = [0, 0, 0, UInt8(8 + words.count), 0, 3, 0, 0] + words
        var connections: [RawConnection] = []
        func connect() async throws {
            let connection = try await RawConnection.open(port: postgres.port)
            await connection.send(hello)
            connections.append(connection)
        }
        for _ in 0..<count / 2 { try await connect() }
        _ = try? await postgres.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
        for _ in 0..<count { try await connect() }
        return connections
    }
}
