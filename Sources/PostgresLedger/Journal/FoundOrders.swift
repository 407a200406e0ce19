import SaleCore
import SaleService

/// Orders that were judged before.
enum FoundOrders {
    /// The verdicts of those of `ids` that stand in `orders`.
    static func find(_ ids: [OrderID], on session: isolated PostgresSession) throws(JournalError) -> [OrderID: CommitVerdict] {
        guard !ids.isEmpty else { return [:] }
        var parameters = PostgresParameters()
        parameters.orders(ids) { $0 }
        return try session.look(.findOrders, parameters) { result throws(JournalError) in
            var verdicts: [OrderID: CommitVerdict] = [:]
            for row in 0..<result.rowCount {
                let order = try OrderRow.read(result, row)
                verdicts[order.id] = try verdict(order, rejection: result.optionalText(row, OrderRow.columnCount))
            }
            return verdicts
        }
    }

    private static func verdict(_ order: Order, rejection: String?) throws(JournalError) -> CommitVerdict {
        guard order.state == .rejected else { return .committed(order) }
        guard let reason = rejection.flatMap(CommitVerdict.Rejection.init(recorded:)) else { throw .unreadable("orders.rejection") }
        return .rejected(reason)
    }
}

extension CommitVerdict.Rejection {
    /// As `orders.rejection` holds it; `nil` for the one that cannot be recorded, because an order
    /// needs an item.
    var recorded: String? {
        switch self {
        case .noUnits: "no_units"
        case .conflict: "conflict"
        case .abandoned: "abandoned"
        case .unknownItem: nil
        }
    }

    init?(recorded: String) {
        switch recorded {
        case "no_units": self = .noUnits
        case "conflict": self = .conflict
        case "abandoned": self = .abandoned
        default: return nil
        }
    }
}
