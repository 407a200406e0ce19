import SaleCore

/// What a change made of an order, or would make of it.
struct OrderAnswer: Encodable {
    private enum CodingKeys: String, CodingKey {
        case isDryRun = "dry_run"
    }

    private let order: OperatorOrder
    private let isDryRun: Bool

    init(_ order: Order, isDryRun: Bool) {
        self.order = OperatorOrder(order)
        self.isDryRun = isDryRun
    }

    func encode(to encoder: any Encoder) throws {
        try order.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isDryRun, forKey: .isDryRun)
    }
}
