package import SaleCore

/// Finds an order that is granted and not yet in Postgres, in whichever sale's reservation log it stands.
package struct ReservedOrders: Sendable {
    private let store: any StockStore
    private let catalog: CatalogStore

    package init(store: any StockStore, catalog: CatalogStore) {
        self.store = store
        self.catalog = catalog
    }

    /// - Throws: `StoreError` when it cannot be told: Redis does not answer, or a sale that may hold the order is being recovered.
    package func reservation(_ id: OrderID) async throws(StoreError) -> Reservation? {
        try await find(id)?.reservation
    }

    package func order(_ id: OrderID) async throws(StoreError) -> Order? {
        guard let (reservation, sale) = try await find(id) else { return nil }
        return Order(reserved: reservation, in: sale)
    }

    private func find(_ id: OrderID) async throws(StoreError) -> (reservation: Reservation, sale: Sale)? {
        var isCertain = true
        for snapshot in candidates(for: id) {
            if let reservation = try await store.reservation(id, of: snapshot.sale.id) { return (reservation, snapshot.sale) }
            isCertain = isCertain && snapshot.isProven
        }
        guard isCertain else { throw .notSent(reason: "a sale that may hold the order is being recovered") }
        return nil
    }

    /// The sales whose window holds the instant that the id carries: an id that somebody made up is seldom looked for anywhere.
    private func candidates(for id: OrderID) -> [SaleSnapshot] {
        let instant = id.createdAt
        return (catalog.snapshot?.sales.values).map { sales in
            sales.filter { snapshot in
                let sale = snapshot.sale
                return instant >= sale.opensAt.advanced(milliseconds: -Self.tolerance)
                    && instant < sale.closesAt.advanced(milliseconds: Self.tolerance)
            }
            .sorted { $0.sale.id < $1.sale.id }
        } ?? []
    }

    /// Ids carry a node's estimate of Redis's clock, and a sale's window may have been moved. Milliseconds.
    private static let tolerance: Int64 = 3_600_000
}
