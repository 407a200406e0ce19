import SaleCore

extension Sale {
    static func sample(
        status: SaleStatus = .open, opensAt: Timestamp = Timestamp(milliseconds: 0),
        closesAt: Timestamp = Timestamp(milliseconds: 1), items: [SaleItem] = []
    ) -> Sale {
        Sale(
            id: SaleID("demo")!, title: "Demo", status: status, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: 900_000,
            version: 1, epoch: 1, provenRun: "", items: items)
    }
}

extension SaleDefinition {
    static let sample = SaleDefinition(
        sale: "demo", title: "Demo", opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 1),
        payWithinMilliseconds: 900_000, items: [.sample("phone-x"), .sample("phone-y")])
}

extension SaleDefinition.Item {
    static func sample(_ sku: String, line: Int? = nil) -> Self {
        Self(sku: sku, title: "Phone", unitPrice: 399_900, currency: "CNY", stock: 1_000, limitPerUser: 1, line: line)
    }
}
