package import SaleCore

/// What Postgres decided of a reservation. Final.
package enum CommitVerdict: Sendable, Equatable {
    /// The order is committed, by this call or by an earlier one, and looks like this now.
    case committed(Order)
    /// The order is recorded as rejected.
    case rejected(Rejection)

    package enum Rejection: Sendable, Equatable {
        /// `loaded` units are already in live orders.
        case noUnits
        /// Another live order of the user, or another order under the same key, was there first.
        case conflict
        /// Postgres does not know the sale or the SKU.
        case unknownItem
        /// Nobody knew whether Redis had granted it, and its buyer was told that it came to
        /// nothing.
        case abandoned
    }
}

/// Why the journal gave no verdict. In every case the same batch may be given again: an order that
/// was committed is found by its id.
package enum JournalError: Error, Sendable, Equatable {
    /// Nothing was written: no connection, or Postgres is not taking statements.
    case unavailable(reason: String)
    /// The connection was lost between the statement and its answer.
    case outcomeUnknown(reason: String)
    /// Postgres answered with an error that the schema does not foresee.
    case failed(reason: String, sqlState: String)
}

/// Writes orders to Postgres.
package protocol OrderJournal: Sendable {
    /// Judges and commits `batch` in one transaction. The verdicts stand in the order of the batch.
    /// When this returns, they are durable.
    func commit(_ batch: [Reservation]) async throws(JournalError) -> CommitVerdicts

    /// Records those of `batch` that Postgres does not have as rejected (`abandoned`), without
    /// their keys, so that none of them can be committed any more, whoever finds them in the
    /// reservation log. The verdicts stand in the order of the batch; an order that was committed
    /// before stays so.
    func abandon(_ batch: [Reservation]) async throws(JournalError) -> [CommitVerdict]
}
