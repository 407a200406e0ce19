/// What every contender sells: sales `bench-0`, `bench-1`, … with SKUs `unit-0`, `unit-1`, …, as
/// `rivals/purchases.lua` names them.
struct Sale: Sendable {
    /// More than anybody can buy in a round.
    static let stockPlenty = 100_000_000

    var number = 0
    var skuCount = 1
    /// Of each SKU.
    var stock = stockPlenty

    var name: String { "bench-\(number)" }

    static func sku(_ number: Int) -> String { "unit-\(number)" }

    var yaml: String {
        let items = (0..<skuCount).map {
            "  - { sku: \(Self.sku($0)), title: Unit, unit_price: 100, currency: EUR, stock: \(stock), limit_per_user: 1 }\n"
        }
        return """
            sale: \(name)
            title: Benchmark
            opens_at: 2020-01-01T00:00:00Z
            closes_at: 2100-01-01T00:00:00Z
            pay_within: 1h
            items:
            \(items.joined())
            """
    }
}
