package import SaleCore

/// What a buyer wants of a sale.
package struct Purchase: Sendable, Equatable {
    package var user: UserID
    package var sku: SKU
    package var quantity: Int
    package var key: IdempotencyKey?

    package init(user: UserID, sku: SKU, quantity: Int, key: IdempotencyKey?) {
        self.user = user
        self.sku = sku
        self.quantity = quantity
        self.key = key
    }
}
