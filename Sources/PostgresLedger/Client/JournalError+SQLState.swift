import SaleService

/// The five-character codes of Postgres that mean something to us
/// (https://www.postgresql.org/docs/15/errcodes-appendix.html).
enum SQLState {
    static let warning = "01000"
    static let notNullViolation = "23502"
    static let uniqueViolation = "23505"
    static let checkViolation = "23514"
    static let serializationFailure = "40001"
    static let deadlockDetected = "40P01"
    static let lockNotAvailable = "55P03"
    static let readOnlyTransaction = "25006"
    static let dataCorrupted = "XX001"
    static let noData = "02000"
}

extension JournalError {
    /// An error that Postgres answered with. Whatever it was, the statement was rolled back.
    init(sqlState: String, reason: String) {
        switch sqlState.prefix(2) {
        // Insufficient resources (disk, memory, connections), operator intervention (cancel,
        // timeout, shutdown), connection.
        case "53", "57", "08": self = .unavailable(reason: reason)
        default: self = sqlState == SQLState.readOnlyTransaction ? .unavailable(reason: reason) : .failed(reason: reason, sqlState: sqlState)
        }
    }

    /// A row that the schema does not allow, so that somebody else wrote it.
    static func unreadable(_ what: String) -> JournalError {
        .failed(reason: "\(what) is not in its format", sqlState: SQLState.dataCorrupted)
    }

    func hasState(_ states: String...) -> Bool {
        guard case .failed(_, let sqlState) = self else { return false }
        return states.contains(sqlState)
    }
}
