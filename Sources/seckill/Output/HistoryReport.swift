import OperatorAPI

/// The history as a list.
extension OperatorHistoryEntry: Listed {
    static var plural: String { "history" }
    static var columns: [Column<OperatorHistoryEntry>] {
        [
            Column("id", .none, .right, isWide: true) { String($0.id) },
            Column("at") { $0.at },
            Column("actor", isFlexible: true) { $0.actor },
            Column("channel", isWide: true) { $0.channel },
            Column("sale", isFlexible: true) { $0.sale },
            Column("order", isWide: true) { $0.order ?? "" },
            Column("command", isFlexible: true) { $0.command },
            Column("reason", isWide: true) { $0.reason ?? "" },
            Column("request_id", isWide: true) { $0.requestID ?? "" },
            Column("changes", isWide: true) { $0.changes.joined(separator: "; ") },
        ]
    }

    var name: String { String(id) }
}
