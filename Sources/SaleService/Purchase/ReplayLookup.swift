package import SaleCore

/// Finds the answer of a purchase that an idempotency key already made, when the order does not wait on this lane.
package struct ReplayLookup: Sendable {
    private let reader: any OrderReader
    private let store: any StockStore

    private static let pause = Duration.milliseconds(20)

    package init(reader: any OrderReader, store: any StockStore) {
        self.reader = reader
        self.store = store
    }

    /// Waits for the verdict until `deadline`, in nanoseconds of the monotonic clock, and looks at least once.
    package func outcome(of id: OrderID, in sale: Sale, deadline: UInt64) async -> PurchaseOutcome {
        var wasInLog = true
        while true {
            do {
                if let order = try await reader.order(id) { return Self.outcome(of: order) }
                // Not in the log either, twice in a row: it was neither committed nor rejected between two looks at Postgres.
                guard wasInLog else { return .refused(.inProgress) }
                let reservation = try await store.reservation(id, of: sale.id)
                wasInLog = reservation != nil
                if let reservation, monotonicNow() >= deadline {
                    return Order(reserved: reservation, in: sale).map { .reserved($0, isReplay: true) } ?? .refused(.inProgress)
                }
            } catch {
                return .refused(.recovering)
            }
            if wasInLog { try? await Task.sleep(for: Self.pause) }
        }
    }

    private static func outcome(of order: Order) -> PurchaseOutcome {
        switch order.state {
        case .rejected: .refused(.soldOut)
        case .reserved, .awaitingPayment, .paid, .cancelled, .expired: .committed(order.asFirstAnswered, isReplay: true)
        }
    }
}
