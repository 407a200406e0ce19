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

/// Units of an item in orders that await nothing any more.
package struct EndedUnits: Sendable, Equatable {
    package var paid: Int64
    /// That cancelled and expired orders gave back.
    package var returned: Int64

    package init(paid: Int64 = 0, returned: Int64 = 0) {
        self.paid = paid
        self.returned = returned
    }
}

/// Counts the units of items, for people who watch.
package protocol ItemCounting: Sendable {
    /// What the books say: a row for each item.
    func units(of items: [ItemName]) async throws(JournalError) -> [ItemName: ItemUnits]

    /// An item without any is left out. Reads every order.
    func endedUnits(of sales: [SaleID]) async throws(JournalError) -> [ItemName: EndedUnits]
}
