import SaleCore
import SaleService

/// Finds an order that is granted and not yet in Postgres, in whichever sale's reservation log it stands.
struct ReservedOrders: Sendable {
    let store: any StockStore
    let catalog: CatalogStore

    func order(_ id: OrderID) async throws -> Order? {
        for snapshot in catalog.snapshot?.sales.values.filter(\.isProven) ?? [] {
            if let reservation = try await store.reservation(id, of: snapshot.sale.id) {
                return Order(reserved: reservation, in: snapshot.sale)
            }
        }
        return nil
    }
}
