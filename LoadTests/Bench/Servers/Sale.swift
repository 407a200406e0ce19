/// What every contender sells.
enum Sale {
    static let name = "bench"
    static let sku = "unit"
    /// More than anybody can buy in a round.
    static let stockPlenty = 100_000_000

    static func yaml(stock: Int) -> String {
        """
        sale: \(name)
        title: Benchmark
        opens_at: 2020-01-01T00:00:00Z
        closes_at: 2100-01-01T00:00:00Z
        pay_within: 1h
        items:
          - { sku: \(sku), title: Unit, unit_price: 100, currency: EUR, stock: \(stock), limit_per_user: 1 }

        """
    }
}
