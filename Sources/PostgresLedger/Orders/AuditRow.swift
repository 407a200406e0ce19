import SaleCore
import SaleService

/// How an entry of the audit trail is read.
enum AuditRow {
    static let columns = "id, at, sale_id, order_id, actor, channel, command, reason, request_id, changes"

    static func readAll(_ result: borrowing PostgresResult) throws(JournalError) -> [AuditEntry] {
        var entries: [AuditEntry] = []
        entries.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            let name = result.text(row, 2)
            let sale = SaleID(stored: name)
            guard sale != nil || name.isEmpty, let channel = Attribution.Channel(rawValue: result.text(row, 5)) else {
                throw .unreadable("an entry of the audit trail")
            }
            entries.append(
                AuditEntry(
                    id: result.int64(row, 0), at: result.timestamp(row, 1), sale: sale, order: result.isNull(row, 3) ? nil : result.order(row, 3),
                    attribution: Attribution(
                        actor: result.text(row, 4), channel: channel, command: result.text(row, 6), reason: result.optionalText(row, 7),
                        requestID: result.optionalText(row, 8)),
                    changes: result.texts(row, 9)))
        }
        return entries
    }
}
