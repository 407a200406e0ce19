import Foundation

/// The sale that a trial sells.
struct SalePlan: Sendable {
    struct Item: Sendable {
        var sku: String
        var stock: Int
        var limitPerUser = 1
    }

    static let price = 1_999
    static let currency = "EUR"

    var name = "flash"
    var items: [Item]
    /// Seconds from the making of the stack.
    var opensIn: Double = -3_600
    var closesIn: Double = 36_000
    var payWithin = "15m"

    init(stock: Int, limitPerUser: Int = 1) {
        items = [Item(sku: "unit", stock: stock, limitPerUser: limitPerUser)]
    }

    func yaml(now: Date = Date()) -> String {
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
