import SaleCore
import SaleService

/// An event as people read it: one line each, for a feed has no widest cell.
enum EventReport {
    static let heading = line("AT", "TYPE", "SALE", "ITEM", "ORDER", "ID")

    static func line(_ event: FeedEvent) -> String {
        line(
            event.at.description, event.type.rawValue, event.sale.rawValue, event.sku?.rawValue ?? "-", event.order.map { "\($0.id)" } ?? "-",
            event.id)
    }

    private static func line(_ at: String, _ type: String, _ sale: String, _ sku: String, _ order: String, _ id: String) -> String {
        [(at, 24), (type, 16), (sale, 12), (sku, 12), (order, 36)].map { text, width in
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        .joined(separator: "  ") + "  " + id
    }
}
