import PrivateServers

/// A Postgres and a standby that each COMMIT waits for.
actor ReplicaPair {
    enum End: CaseIterable {
        case crash
        case orderly
    }

    private let directory: TemporaryDirectory
    private var primary: PrivatePostgres
    private var standby: PrivatePostgres
    /// Both servers, the first primary first.
    nonisolated let url: String
    nonisolated let primaryURL: String
    nonisolated let standbyURL: String

    private static let name = "standby"

    fileprivate init(_ directory: TemporaryDirectory) async throws {
        self.directory = directory
        primary = try await PrivatePostgres.start(directory: "\(directory.path)/primary", isDurable: false)
        standby = try await primary.startStandby(directory: "\(directory.path)/standby", name: Self.name, isDurable: false)
        (primaryURL, standbyURL) = (primary.url, standby.url)
        url = primaryURL.replacing("127.0.0.1:\(primary.port)", with: "127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)")
        try await name(standby: Self.name)
        let ledger = try LedgerUnderTest(url: primaryURL)
        try await ledger.wait(until: "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')")
    }

    /// Whom each COMMIT of the primary waits for from now on; nobody when it is empty.
    func name(standby name: String) async throws {
        try await primary.run("ALTER SYSTEM SET synchronous_standby_names = '\(name)'")
        try await primary.run("SELECT pg_reload_conf()")
        let ledger = try LedgerUnderTest(url: primaryURL)
        try await ledger.wait(until: "SELECT current_setting('synchronous_standby_names') = '\(name)'")
    }

    func stopStandby() async {
        await standby.stop()
    }

    func startStandby() async throws {
        standby = try await PrivatePostgres.start(directory: "\(directory.path)/standby", port: standby.port, isDurable: false)
    }

    func stopPrimary(by end: End) async {
        switch end {
        case .crash: await primary.kill()
        case .orderly: await primary.stop()
        }
    }

    func startPrimary() async throws {
        primary = try await PrivatePostgres.start(directory: "\(directory.path)/primary", port: primary.port, isDurable: false)
    }

    func promoteStandby() async throws {
        try await standby.promote()
    }

    fileprivate func end() async {
        await primary.kill()
        await standby.kill()
        directory.remove()
    }
}

func withReplicas<Value>(_ body: (ReplicaPair) async throws -> Value) async throws -> Value {
    let pair = try await ReplicaPair(TemporaryDirectory())
    let result: Value
    do {
        result = try await body(pair)
    } catch {
        await pair.end()
        throw error
    }
    await pair.end()
    return result
}
