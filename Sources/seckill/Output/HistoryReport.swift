import OperatorAPI

/// The history as a list.
extension OperatorHistoryEntry: Listed {
    static var plural: String { "history" }
    static var isWrapped: Bool { true }
    static var columns: [Column<OperatorHistoryEntry>] {
        [
            Column("id", .none, .right, isWide: true) { String($0.id) },
            Column("at", data: { $0.at }) { $0.at.toTheSecond },
            Column("actor", isFlexible: true) { $0.actor },
            Column("channel", isWide: true) { $0.channel },
            Column("sale", isFlexible: true) { $0.sale },
            Column("what", isFlexible: true, isDigest: true) { $0.digest },
            Column("order", isWide: true) { $0.order ?? "" },
            Column("command", isWide: true) { $0.command },
            Column("reason", isWide: true) { $0.reason ?? "" },
            Column("request_id", isWide: true) { $0.requestID ?? "" },
            Column("changes", isWide: true) { $0.changes.joined(separator: "; ") },
        ]
    }

    var name: String { String(id) }

    /// A sale of ten thousand items is made by one command.
    private static let changesShownMax = 3

    /// What changed, why, and by which command, below each other.
    private var digest: String {
        var lines = Array(changes.prefix(Self.changesShownMax))
        let rest = changes.count - lines.count
        if rest > 0 { lines.append("… and \(rest) more: -o wide") }
        if let reason { lines.append("because: \(reason)") }
        return (lines + [command]).joined(separator: "\n")
    }
}
