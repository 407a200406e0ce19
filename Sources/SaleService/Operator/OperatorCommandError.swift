package import SaleCore

/// Why an operator's command was not carried out, or not wholly.
package enum OperatorCommandError: Error, Sendable, Equatable {
    /// What the operator gave is wrong by itself. Nothing was changed.
    case invalid([Violation])
    /// Nothing was changed.
    case notFound(String)
    /// Nothing was changed.
    case unknownSale(SaleID)
    /// The sale, which is there, has no such item. Nothing was changed.
    case unknownItem(SKU, of: Sale)
    /// It contradicts the sale as it is. Nothing was changed.
    case conflict(String)
    /// Somebody has changed the sale since it was read. Nothing was changed.
    ///
    /// - Parameter version: the one that it has now; `nil` when there is no such sale.
    case stale(SaleID, version: Int64?)
    /// Postgres gave no answer, or an error. Unless the reason is an unknown outcome, nothing was
    /// changed.
    case postgres(JournalError)
    /// Redis gave no answer, or an error. Nothing was changed.
    case redis(StoreError)
    /// The change stands in Postgres and Redis was not told. The service tells it as soon as it
    /// can; so does the same command, given again.
    case redisIsBehind(reason: String)
    case failed(String)

    init(_ error: any Error) {
        switch error {
        case let error as OperatorCommandError: self = error
        case LedgerChangeError.conflict(let text): self = .conflict(text)
        case LedgerChangeError.notFound(let text): self = .notFound(text)
        case LedgerChangeError.journal(let error): self = .postgres(error)
        case let error as JournalError: self = .postgres(error)
        case let error as StoreError: self = .redis(error)
        case RebuildError.notPrimary, RebuildError.notElected: self = .redis(.notSent(reason: "\(error)"))
        default: self = .failed("\(error)")
        }
    }
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let reason): reason
        case .outcomeUnknown(let reason): "the connection was lost before the answer came, so the outcome is unknown: \(reason)"
        case .failed(let reason, let sqlState): "\(reason) (SQLSTATE \(sqlState))"
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notSent(let reason): reason
        case .outcomeUnknown(let reason): "the connection was lost before the answer came, so the outcome is unknown: \(reason)"
        case .refused(let reason): reason
        case .scriptMissing: "it does not hold the service's scripts, as after a restart"
        }
    }
}
