package import SaleCore

/// One event loop's way to Redis. Confined to that loop: every call is made on it and every completion runs on it.
package protocol ReservationLane: AnyObject {
    /// The `run_id` of the Redis at the other end; `nil` while there is no usable connection.
    var run: String? { get }

    /// Decides `batch` in one atomic step. Sending the same batch again is safe: an order that was granted before is granted again,
    /// without taking a second unit.
    ///
    /// - Parameter completion: called exactly once. A batch that finds no connection, or too many calls in flight, fails with `notSent` at once.
    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void)

    /// Removes judged orders from the reservation log. Sent together with the next batch, or alone at the end of the loop's turn. An order that is not
    /// removed, because the connection broke, stays in the log until the sweep finds it in Postgres.
    func settle(_ settlement: Settlement)
}

/// Orders whose verdict is in Postgres, so that the reservation log need not hold them any longer.
package struct Settlement: Sendable, Equatable {
    /// An order that Postgres rejected: its log entry goes and the user's slot comes back. The key stays, settled. No unit comes back.
    package struct Rejected: Sendable, Equatable {
        package var order: OrderID
        package var user: UserID
        package var sku: SKU

        package init(order: OrderID, user: UserID, sku: SKU) {
            self.order = order
            self.user = user
            self.sku = sku
        }
    }

    package var sale: SaleID
    package var committed: [OrderID]
    package var rejected: [Rejected]

    package init(sale: SaleID, committed: [OrderID] = [], rejected: [Rejected] = []) {
        self.sale = sale
        self.committed = committed
        self.rejected = rejected
    }
}
