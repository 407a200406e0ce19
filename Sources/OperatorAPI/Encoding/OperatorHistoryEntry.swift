import SaleCore
package import SaleService

/// One command that changed something, over REST and in the command line.
package struct OperatorHistoryEntry: Encodable, Sendable {
    private enum CodingKeys: String, CodingKey {
        case id, at, actor, channel, sale, order, command, reason, changes
        case requestID = "request_id"
    }

    package let id: Int64
    package let at: String
    package let actor: String
    package let channel: String
    /// Empty for what was done to no sale.
    package let sale: String
    package let order: String?
    package let command: String
    package let reason: String?
    package let requestID: String?
    package let changes: [String]

    package init(_ entry: AuditEntry) {
        (id, at, sale, order) = (entry.id, "\(entry.at)", entry.sale?.rawValue ?? "", entry.order.map { "\($0)" })
        let attribution = entry.attribution
        (actor, channel, command) = (attribution.actor, attribution.channel.rawValue, attribution.command)
        (reason, requestID, changes) = (attribution.reason, attribution.requestID, entry.changes)
    }
}
