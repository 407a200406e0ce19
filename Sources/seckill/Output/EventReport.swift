import SaleCore
import SaleService

/// An event as people read it: some lines each, for a feed has no widest cell.
enum EventReport {
    static let heading = line("AT", "TYPE", "SALE / ITEM", "ID")

    /// What happened and to what; below it the order with its buyer, and who did it and why.
    static func text(_ event: FeedEvent) -> String {
        let place = [event.sale.rawValue, event.sku?.rawValue].compactMap(\.self).joined(separator: " / ")
        var lines = [line(event.at.description, event.type.rawValue, place, event.id)]
        if let order = event.order { lines.append("    order \(order.id), user \(order.user)") }
        let reasons = [event.actor.map { "by \($0)" }, event.cause.map { "cause: \($0)" }].compactMap(\.self)
        if !reasons.isEmpty { lines.append("    " + reasons.joined(separator: ", ")) }
        return lines.map { $0.cut(to: TextTable.usualWidth) }.joined(separator: "\n")
    }

    private static func line(_ at: String, _ type: String, _ place: String, _ id: String) -> String {
        let begin = padded(at, 24) + "  " + padded(type, 16) + "  "
        let room = max(1, TextTable.usualWidth - begin.count - 2 - id.count)
        return begin + padded(place.cut(to: room), min(room, 20)) + "  " + id
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.terminalWidth))
    }
}
