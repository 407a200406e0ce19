import SaleService
import Synchronization

/// Keeps a share of the service for purchases: the other requests of one kind are answered at most
/// so many at a time, and none of them queues.
package final class RequestBulkhead: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Sales and the pages of the problems.
        case browsing
        /// A user's own orders, and what the pages load.
        case orders
        /// Results of payments.
        case payments
        /// For an order to be decided.
        case waiting
    }

    private let browsingMax: Int
    private let ordersMax: Int
    private let paymentsMax: Int
    private let waitingMax: Int
    private let browsing = Atomic<Int>(0)
    private let orders = Atomic<Int>(0)
    private let payments = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)

    package init(
        browsingMax: Int = Limits.browsingRequestsMax, ordersMax: Int = Limits.orderRequestsMax, paymentsMax: Int = Limits.paymentRequestsMax,
        waitingMax: Int = Limits.orderWaitsMax
    ) {
        self.browsingMax = browsingMax
        self.ordersMax = ordersMax
        self.paymentsMax = paymentsMax
        self.waitingMax = waitingMax
    }

    /// The kind of a request by its target, as the public port's routes have it; `nil` for what is
    /// never refused.
    static func kind(of target: String) -> Kind? {
        RouteTable.public.kind(of: target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target)
    }

    /// Takes a place; `false` when all are taken. Whoever got one gives it back by `leave`.
    func enter(_ kind: Kind) -> Bool {
        let isFree =
            switch kind {
            case .browsing: browsing.wrappingAdd(1, ordering: .relaxed).newValue <= browsingMax
            case .orders: orders.wrappingAdd(1, ordering: .relaxed).newValue <= ordersMax
            case .payments: payments.wrappingAdd(1, ordering: .relaxed).newValue <= paymentsMax
            case .waiting: waiting.wrappingAdd(1, ordering: .relaxed).newValue <= waitingMax
            }
        if !isFree { leave(kind) }
        return isFree
    }

    func leave(_ kind: Kind) {
        switch kind {
        case .browsing: browsing.wrappingSubtract(1, ordering: .relaxed)
        case .orders: orders.wrappingSubtract(1, ordering: .relaxed)
        case .payments: payments.wrappingSubtract(1, ordering: .relaxed)
        case .waiting: waiting.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
