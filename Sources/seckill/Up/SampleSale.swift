/// The sale with which a private stack begins. The same text is `deploy/sample-sale.yaml`; a test
/// keeps them equal.
enum SampleSale {
    static let yaml = """
        # A sale to try things out with: seckill sale apply -f deploy/sample-sale.yaml
        sale: demo
        title: Autumn flash sale
        opens_at: 2026-01-01T00:00:00Z
        closes_at: 2036-01-01T00:00:00Z
        pay_within: 15m
        items:
          - { sku: phone-x, title: Phone X, unit_price: 399900, currency: CNY, stock: 1000, limit_per_user: 1 }
          - { sku: buds-2, title: Buds 2, unit_price: 49900, currency: CNY, stock: 5000, limit_per_user: 2 }

        """
}
