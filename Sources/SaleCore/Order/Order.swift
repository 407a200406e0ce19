/// An order as its owner sees it.
package struct Order: Sendable, Equatable {
    package var id: OrderID
    package var sale: SaleID
    package var sku: SKU
    package var user: UserID
    package var quantity: Int
    /// In the currency's minor unit.
    package var unitPrice: Int64
    package var currency: Currency
    package var state: OrderState
    package var createdAt: Timestamp
    package var payBy: Timestamp
    /// A payment arrived after the units were given back.
    package var refundDue: Bool

    /// What its payment must be.
    package var amountDue: Int64 { unitPrice * Int64(quantity) }

    package init(
        id: OrderID, sale: SaleID, sku: SKU, user: UserID, quantity: Int, unitPrice: Int64, currency: Currency,
        state: OrderState, createdAt: Timestamp, payBy: Timestamp, refundDue: Bool = false
    ) {
        self.id = id
        self.sale = sale
        self.sku = sku
        self.user = user
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.currency = currency
        self.state = state
        self.createdAt = createdAt
        self.payBy = payBy
        self.refundDue = refundDue
    }
}
