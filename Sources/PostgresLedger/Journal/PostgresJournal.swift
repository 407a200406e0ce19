package import SaleService

/// The hot writer: judges and commits batches of orders over one session.
///
/// Batches given at the same time take turns. A node that wants to write two at once makes two
/// journals; Postgres keeps them consistent.
package struct PostgresJournal: OrderJournal {
    private let session: PostgresSession
    private let confirmation: Confirmation
    private let counting = CountingItems()

    /// - Parameter confirmation: what the process waits for standbys with; its own unless given.
    package init(address: PostgresAddress, profile: SessionProfile = .journal, confirmation: Confirmation? = nil) {
        session = PostgresSession(address: address, profile: profile)
        self.confirmation = confirmation ?? Confirmation(address: address)
    }

    /// The thread of its session. Whoever prefers it finds the session without a hand-over, and
    /// waits while the session is busy.
    package var executor: any TaskExecutor { session.taskExecutor }

    package func commit(_ batch: [Reservation]) async throws(JournalError) -> CommitVerdicts {
        guard !batch.isEmpty else { return [] }
        return try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            try Self.repeating { () throws(JournalError) in try BatchCommit(batch, counting).run(on: session) }
        }
    }

    package func abandon(_ batch: [Reservation]) async throws(JournalError) -> [CommitVerdict] {
        guard !batch.isEmpty else { return [] }
        let verdicts = try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            try Self.repeating { () throws(JournalError) in try SerializedCommit.abandon(batch, on: session) }
        }
        return batch.map { verdicts[$0.order] ?? .rejected(.abandoned) }
    }

    /// A batch that was committed before writes nothing now, so its verdicts wait for what a COMMIT
    /// would have waited for.
    private func confirmed<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let observed = try await session.observe(body)
        try await confirmation.confirm(observed.sight, waitMax: Self.confirmationWait)
        return observed.value
    }

    /// As long as a transaction may take.
    private static let confirmationWait = Duration.seconds(5)

    /// Two nodes that write the same orders at once can stand in each other's way for a moment;
    /// Postgres then asks one of them to try again.
    private static let attemptsMax = 5

    static func repeating<Value>(_ body: () throws(JournalError) -> Value) throws(JournalError) -> Value {
        var attempt = 1
        while true {
            do throws(JournalError) {
                return try body()
            } catch {
                guard attempt < attemptsMax, error.hasState(SQLState.deadlockDetected, SQLState.serializationFailure) else { throw error }
                attempt += 1
            }
        }
    }
}
