import SaleCore
import SaleService

extension PostgresCatalog {
    /// Tells the feed. The rows of the changed items are locked.
    static func enterEvents(
        of changes: [SaleChange], to sale: SaleID, by attribution: Attribution, on session: isolated PostgresSession
    ) throws(JournalError) {
        let events = SaleEvent.events(of: changes)
        guard !events.isEmpty else { return }
        var parameters = PostgresParameters()
        parameters.text(sale.rawValue)
        parameters.text(attribution.actor)
        parameters.texts(events, \.type.rawValue)
        parameters.texts(events) { $0.sku?.rawValue }
        parameters.texts(events) { event in event.cause + (attribution.reason.map { "; because: \($0)" } ?? "") }
        try session.run(.enterSaleEvents, parameters)
    }
}

/// What the feed is told of an operator's changes.
struct SaleEvent: Equatable {
    var type: EventType
    var sku: SKU?
    /// What changed, as the audit says it.
    var cause: String

    /// One for each movement of stock and each step of the status, and one for all the rest.
    static func events(of changes: [SaleChange]) -> [SaleEvent] {
        var events: [SaleEvent] = []
        var others: [String] = []
        for change in changes {
            switch change {
            case .moveStock(let sku, _, _): events.append(SaleEvent(type: .stockChanged, sku: sku, cause: change.auditLine))
            case .setStatus(_, let status):
                let type: EventType =
                    switch status {
                    case .open: .saleResumed
                    case .paused: .salePaused
                    case .closed: .saleClosed
                    }
                events.append(SaleEvent(type: type, cause: change.auditLine))
            case .addItem(let sku, _, _, _, let stock, _):
                others.append(change.auditLine)
                if stock > 0 { events.append(SaleEvent(type: .stockChanged, sku: sku, cause: "\(sku) stock 0 → \(stock)")) }
            default: others.append(change.auditLine)
            }
        }
        if !others.isEmpty { events.insert(SaleEvent(type: .saleChanged, cause: others.joined(separator: "; ")), at: 0) }
        return events
    }
}
