package import SaleCore

/// An item of a sale.
package struct ItemName: Sendable, Hashable {
    package var sale: SaleID
    package var sku: SKU

    package init(sale: SaleID, sku: SKU) {
        self.sale = sale
        self.sku = sku
    }
}

/// Units of an item, as Postgres counts them.
package struct ItemUnits: Sendable, Equatable {
    /// Ever put on sale.
    package var loaded: Int64
    /// In live orders.
    package var committed: Int64

    package init(loaded: Int64, committed: Int64) {
        self.loaded = loaded
        self.committed = committed
    }
}

/// Counts the units of items, for people who watch.
package protocol ItemCounting: Sendable {
    /// What the books say: a row for each item.
    func units(of items: [ItemName]) async throws(JournalError) -> [ItemName: ItemUnits]

    /// Units in paid orders; an item without any is left out. Reads every order.
    func paidUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: Int64]
}
