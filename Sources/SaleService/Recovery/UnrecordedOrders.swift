import SaleCore

/// Orders that Redis counts and that Postgres has never heard of: neither does it hold them, in any
/// state, nor does the reservation log. Their commit was lost after it had been answered, as by the
/// failover to a standby that had not received it, and Redis alone still knows who was told so.
struct UnrecordedOrders: Sendable {
    let ledger: any SaleLedger
    let store: any HeldOrders & ReservationLog

    static let lookUpMax = 10_000

    /// In the order of the ids. Redis is read before Postgres, and its buyers before its log: an
    /// order leaves the log only when it is in Postgres.
    ///
    /// - Throws: `StoreError`, `JournalError`, or `RebuildError.tooManyUnrecorded` when there are
    ///   more than `countMax`.
    func find(of sale: SaleID, countMax: Int) async throws -> [HeldOrder] {
        let held = try await ordersHeld(of: sale)
        if held.isEmpty { return [] }
        let log = try await store.reservations(of: sale, grantedBefore: .distantFuture, countMax: .max)
        let settled = Array(held.subtracting(log.map(\.order)))
        let unrecorded = Set(settled).subtracting(try await ledger.recorded(ofMany: settled))
        guard unrecorded.count <= countMax else { throw RebuildError.tooManyUnrecorded(unrecorded.count) }
        return unrecorded.isEmpty ? [] : try await store.heldOrders(unrecorded, of: sale)
    }

    private func ordersHeld(of sale: SaleID) async throws(StoreError) -> Set<OrderID> {
        do throws(StoreError) {
            return try await store.heldOrders(of: sale).values.reduce(into: []) { $0.formUnion($1) }
        } catch {
            // Somebody put something else in the place of the buyers: there is nothing to keep, and
            // the sale must sell again.
            guard case .refused = error else { throw error }
            return []
        }
    }
}

extension SaleLedger {
    /// `recorded`, asked in parts that each take some milliseconds.
    func recorded(ofMany ids: [OrderID]) async throws(JournalError) -> Set<OrderID> {
        var found: Set<OrderID> = []
        for start in stride(from: 0, to: ids.count, by: UnrecordedOrders.lookUpMax) {
            found.formUnion(try await recorded(Array(ids[start..<min(start + UnrecordedOrders.lookUpMax, ids.count)])))
        }
        return found
    }
}

/// Which of the kept orders Postgres turns out to hold after all.
actor KeptOrders {
    private var orders: [OrderID: HeldOrder]

    init(_ orders: [HeldOrder]) {
        self.orders = Dictionary(orders.map { ($0.order, $0) }) { first, _ in first }
    }

    func strike(_ page: [RebuildEntry]) {
        if orders.isEmpty { return }
        for entry in page where entry.isLive { orders[entry.order] = nil }
    }

    /// Units per SKU that no live order of Postgres accounts for.
    var units: [SKU: Int64] {
        orders.values.reduce(into: [:]) { $0[$1.sku, default: 0] += Int64($1.quantity) }
    }
}
