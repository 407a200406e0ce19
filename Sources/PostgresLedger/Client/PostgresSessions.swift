package import SaleCore
package import SaleService

/// Every session that a process has with Postgres, and no other: at most
/// `Limits.postgresSessionsMax` at once.
///
/// | sessions | for |
/// | ---: | --- |
/// | 2 | the writers (`journals`) |
/// | 1 | sweeps, rebuilds and abandoned orders (`recoveryJournal`), so that they never wait behind a writer, nor it behind them |
/// | 1 | confirmations; connected only where a synchronous standby is asked for |
/// | the rest | everything else, by turns: orders, catalog, locks, snapshots |
package final class PostgresSessions: Sendable {
    package let address: PostgresAddress
    package let pool: PostgresPool
    package let confirmation: Confirmation
    package let journals: [PostgresJournal]
    package let recoveryJournal: PostgresJournal

    /// - Parameter sharedCount: of those that take turns.
    package init(address: PostgresAddress, sharedCount: Int = Limits.postgresSessionsShared) {
        self.address = address
        pool = PostgresPool(address: address, profile: .orders, sessionCount: sharedCount)
        let confirmation = Confirmation(address: address)
        self.confirmation = confirmation
        journals = (0..<Limits.writersMax).map { _ in PostgresJournal(address: address, confirmation: confirmation) }
        recoveryJournal = PostgresJournal(address: address, confirmation: confirmation)
    }

    /// Asks every server that the address names for its timeline, so that an old primary which
    /// stands first is known for one. Those that do not answer say nothing.
    package func surveyTimelines() async {
        guard address.hosts.count > 1 else { return }
        await withTaskGroup(of: Void.self) { group in
            for host in address.hosts {
                group.addTask {
                    let session = PostgresSession(address: self.address.only(host), profile: .probe)
                    _ = try? await session.perform { (session: isolated PostgresSession) throws(JournalError) in try session.run(.ping) }
                    await session.close()
                }
            }
        }
    }

    /// Whether a pooler gives each transaction another session.
    package func isPooledByTransaction() async throws(JournalError) -> Bool {
        guard try await pool.perform({ (session: isolated PostgresSession) throws(JournalError) in try session.isPooled() }) else { return false }
        return await PoolerProbe(address: address).sharesSessions()
    }

    package func sessionRoom() async throws(JournalError) -> SessionRoom {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(.sessionRoom) { result in
                SessionRoom(
                    sessionsMax: Int(result.int64(0, 0)), reserved: Int(result.int64(0, 1)), inUse: max(0, Int(result.int64(0, 2)) - 1))
            }
        }
    }

    /// Of the settings that `PostgresAdvice` judges, those that this user may see.
    package func settings() async throws(JournalError) -> [String: PostgresAdvice.Value] {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.texts(PostgresAdvice.settings) { $0 }
            var values: [String: PostgresAdvice.Value] = try session.query(.settings, parameters) { result in
                (0..<result.rowCount).reduce(into: [:]) { values, row in
                    values[result.text(row, 0)] = (result.text(row, 1), result.text(row, 2))
                }
            }
            // What the kernel does not show must not cost what Postgres did show.
            values[PostgresAdvice.dirtyBackgroundBytes] = try? Self.dirtyBackgroundBytes(on: session)
            return values
        }
    }

    private static func dirtyBackgroundBytes(on session: isolated PostgresSession) throws(JournalError) -> PostgresAdvice.Value? {
        // A call without the right fails, and stands in the server's log.
        guard try session.query(.mayReadFiles, read: { $0.bool(0, 0) }) else { return nil }
        return try session.query(.dirtyBackgroundBytes) { $0.isNull(0, 0) ? nil : ($0.text(0, 0), $0.text(0, 0)) }
    }

    /// Postgres's clock.
    package func now() async throws(JournalError) -> Timestamp {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(.clock) { $0.timestamp(0, 0) }
        }
    }

    /// Whether a standby follows without `synchronous_standby_names`: a failover to it loses orders
    /// that were confirmed.
    package func isFollowedAsynchronously() async throws(JournalError) -> Bool {
        try await pool.perform { (session: isolated PostgresSession) throws(JournalError) in
            try session.query(.asynchronousStandby) { $0.bool(0, 0) }
        }
    }

    /// Runs `body` on a free session, and returns once what it read is confirmed.
    func confirmed<Value: Sendable>(
        as profile: SessionProfile = .orders, waitMax: Duration? = nil,
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let observed = try await pool.observe(as: profile, waitMax: waitMax, body)
        try await confirmation.confirm(observed.sight, waitMax: Self.confirmationWait)
        return observed.value
    }

    /// Below what a buyer waits for an answer, and what a standby takes that is there.
    static let confirmationWait = Duration.seconds(2)
}
