package import Foundation

/// The sale that a trial sells.
package struct SalePlan: Sendable {
    package struct Item: Sendable {
        package var sku: String
        package var stock: Int
        package var limitPerUser = 1
    }

    package static let price = 1_999
    package static let currency = "EUR"

    package var name = "flash"
    package var items: [Item]
    /// Seconds from the making of the stack.
    package var opensIn: Double = -3_600
    package var closesIn: Double = 36_000
    package var payWithin = "15m"

    package init(stock: Int, limitPerUser: Int = 1) {
        items = [Item(sku: "unit", stock: stock, limitPerUser: limitPerUser)]
    }

    package func yaml(now: Date = Date()) -> String {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let lines = items.map {
            "  - { sku: \($0.sku), title: Unit, unit_price: \(Self.price), currency: \(Self.currency), stock: \($0.stock), limit_per_user: \($0.limitPerUser) }"
        }
        return """
            sale: \(name)
            title: Fault trial
            opens_at: \(now.addingTimeInterval(opensIn).formatted(format))
            closes_at: \(now.addingTimeInterval(closesIn).formatted(format))
            pay_within: \(payWithin)
            items:
            \(lines.joined(separator: "\n"))
            """
    }
}
