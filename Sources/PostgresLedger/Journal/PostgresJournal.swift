package import SaleService

/// The hot writer: judges and commits batches of orders over one session.
///
/// Batches given at the same time take turns. A node that wants to write two at once makes two journals; Postgres keeps them consistent.
package struct PostgresJournal: OrderJournal {
    private let session: PostgresSession

    package init(address: PostgresAddress, profile: SessionProfile = .journal) {
        session = PostgresSession(address: address, profile: profile)
    }

    package func commit(_ batch: [Reservation]) async throws(JournalError) -> [CommitVerdict] {
        guard !batch.isEmpty else { return [] }
        return try await session.perform { (session: isolated PostgresSession) throws(JournalError) in
            try Self.commit(batch, on: session)
        }
    }

    /// Two nodes that write the same orders at once can stand in each other's way for a moment; Postgres then asks one of them to try again.
    private static let attemptsMax = 5

    private static func commit(_ batch: [Reservation], on session: isolated PostgresSession) throws(JournalError) -> [CommitVerdict] {
        var attempt = 1
        while true {
            do throws(JournalError) {
                return try BatchCommit(batch).run(on: session)
            } catch {
                guard attempt < attemptsMax, error.hasState(SQLState.deadlockDetected, SQLState.serializationFailure) else { throw error }
                attempt += 1
            }
        }
    }
}
