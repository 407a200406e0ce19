import SaleService
import Synchronization

/// Keeps a share of the service for purchases: the other requests of one kind are answered at most so many at a time, and none of them queues.
package final class RequestReserve: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// Sales and the pages of the problems.
        case browsing
        /// A user's own orders.
        case orders
        /// Results of payments.
        case payments
    }

    private let browsingMax: Int
    private let ordersMax: Int
    private let paymentsMax: Int
    private let browsing = Atomic<Int>(0)
    private let orders = Atomic<Int>(0)
    private let payments = Atomic<Int>(0)

    package init(
        browsingMax: Int = Limits.browsingRequestsMax, ordersMax: Int = Limits.orderRequestsMax, paymentsMax: Int = Limits.paymentRequestsMax
    ) {
        self.browsingMax = browsingMax
        self.ordersMax = ordersMax
        self.paymentsMax = paymentsMax
    }

    /// The kind of a request by its path; `nil` for health, which is never refused. What is no path of ours is browsing: no other spelling of a path reaches its
    /// route (`RouteTable`), so none takes a place that it has no use for.
    static func kind(of target: String) -> Kind? {
        let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target
        switch path {
        case "/livez", "/readyz": return nil
        case "/v1/orders": return .orders
        case "/v1/payments/events": return .payments
        default: return path.hasPrefix("/v1/orders/") && RouteTable.public.methods(at: path) != nil ? .orders : .browsing
        }
    }

    /// Takes a place; `false` when all are taken. Whoever got one gives it back by `leave`.
    func enter(_ kind: Kind) -> Bool {
        let isFree =
            switch kind {
            case .browsing: browsing.wrappingAdd(1, ordering: .relaxed).newValue <= browsingMax
            case .orders: orders.wrappingAdd(1, ordering: .relaxed).newValue <= ordersMax
            case .payments: payments.wrappingAdd(1, ordering: .relaxed).newValue <= paymentsMax
            }
        if !isFree { leave(kind) }
        return isFree
    }

    func leave(_ kind: Kind) {
        switch kind {
        case .browsing: browsing.wrappingSubtract(1, ordering: .relaxed)
        case .orders: orders.wrappingSubtract(1, ordering: .relaxed)
        case .payments: payments.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
