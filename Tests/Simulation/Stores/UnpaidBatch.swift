import SaleCore

/// A row of `unpaid_batches`.
struct UnpaidBatch: Sendable {
    var payBy: Timestamp
    var first: OrderID
    var last: OrderID
    var sale: SaleID
    var sku: SKU

    /// Orders of other batches of the item may lie between its own.
    func holds(_ order: Order) -> Bool {
        order.sale == sale && order.sku == sku && (first...last).contains(order.id)
    }
}
