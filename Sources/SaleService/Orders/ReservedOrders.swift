package import SaleCore
import Synchronization

/// Finds an order that is granted and not yet in Postgres, in whichever sale's reservation log it
/// stands.
///
/// Anybody may ask for an id that he made up, so that asking must cost little: the id hints at its
/// sale, and only there it is looked for. One without a hint is of an older version, or made up.
/// The logs of all sales together are asked whether any of them holds anything; if so, all of them
/// are searched, but seldom.
package final class ReservedOrders: Sendable {
    private let log: any ReservationLog
    private let catalog: CatalogStore
    private let runtime: Runtime
    private let lastSearch = Mutex<MonotonicInstant?>(nil)

    init(log: any ReservationLog, catalog: CatalogStore, runtime: Runtime) {
        self.log = log
        self.catalog = catalog
        self.runtime = runtime
    }

    /// - Throws: `StoreError` when it cannot be told: Redis does not answer, a sale that may hold
    ///   the order is being recovered, or all sales were searched for another order without a hint
    ///   a moment ago.
    package func reservation(_ id: OrderID) async throws(StoreError) -> Reservation? {
        try await find(id)?.reservation
    }

    package func order(_ id: OrderID) async throws(StoreError) -> Order? {
        guard let (reservation, sale) = try await find(id) else { return nil }
        return Order(reserved: reservation, in: sale)
    }

    private func find(_ id: OrderID) async throws(StoreError) -> (reservation: Reservation, sale: Sale)? {
        let candidates = candidates(for: id)
        if id.hint == nil, candidates.count > Limits.orderLookUpsMax {
            if try await !log.hasReservations(candidates.map(\.sale.id)) { return try certain(candidates) }
            guard maySearch() else { throw .notSent(reason: "orders of an older version were looked for a moment ago") }
        }
        for snapshot in candidates {
            if let reservation = try await log.reservation(id, of: snapshot.sale.id) { return (reservation, snapshot.sale) }
        }
        return try certain(candidates)
    }

    /// There is no such order, if each of `sales` is sound.
    private func certain(_ sales: [SaleSnapshot]) throws(StoreError) -> (reservation: Reservation, sale: Sale)? {
        guard sales.allSatisfy(\.isProven) else { throw .notSent(reason: "a sale that may hold the order is being recovered") }
        return nil
    }

    private func maySearch() -> Bool {
        let now = runtime.now()
        return lastSearch.withLock { last in
            if let last, now < last.advanced(by: Limits.wideSearchInterval.nanoseconds) { return false }
            last = now
            return true
        }
    }

    /// The sales that the id hints at, and whose window holds the instant that it carries.
    private func candidates(for id: OrderID) -> [SaleSnapshot] {
        let (instant, hint) = (id.createdAt, id.hint)
        return (catalog.snapshot?.sales.values).map { sales in
            sales.filter { snapshot in
                let sale = snapshot.sale
                return instant >= sale.opensAt.advanced(milliseconds: -Self.tolerance)
                    && instant < sale.closesAt.advanced(milliseconds: Self.tolerance)
                    && (hint == nil || hint == SaleHint(of: sale.id))
            }
            .sorted { $0.sale.id < $1.sale.id }
        } ?? []
    }

    /// Ids carry a node's estimate of Redis's clock, and a sale's window may have been moved.
    /// Milliseconds.
    private static let tolerance: Int64 = 3_600_000
}
