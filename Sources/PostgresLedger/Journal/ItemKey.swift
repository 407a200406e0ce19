import SaleCore

/// An item, across sales.
struct ItemKey: Hashable {
    var sale: SaleID
    var sku: SKU
}

/// What a per-user limit counts.
struct HoldingKey: Hashable {
    var user: UserID
    var item: ItemKey
}

/// What an idempotency key is unique in.
struct PurchaseKey: Hashable {
    var user: UserID
    var sale: SaleID
    var key: IdempotencyKey
}
