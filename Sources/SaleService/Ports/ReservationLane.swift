package import SaleCore

/// One event loop's way to Redis. Confined to that loop: every call is made on it and every
/// completion runs on it.
package protocol ReservationLane: AnyObject {
    /// The `run_id` of the Redis at the other end; `nil` while there is no usable connection.
    var run: String? { get }

    /// Decides `batch` in one atomic step. Sending the same batch again is safe: an order that was
    /// granted before is granted again, without taking a second unit.
    ///
    /// - Parameter completion: called exactly once. A batch that finds no connection, or too many
    ///   calls in flight, fails with `notSent` at once.
    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void)

    /// Asks the Redis at the other end once more who it is, when it may have become another since
    /// the connection was made.
    func identifyAgain()

    /// Removes judged orders from the reservation log. Committed ones are kept and sent in front of
    /// the next batch, of whatever sale; alone when none comes within `Limits.settlementDelay`,
    /// when `Limits.settledOrdersKeptMax` are kept, and before the connection is closed. Released
    /// ones, and with them all that is kept, go at the end of the loop's turn. An order that is not
    /// removed, because the connection broke or the process died, stays in the log until the sweep
    /// finds it in Postgres.
    func settle(_ settlement: Settlement)
}

/// Orders whose verdict is in Postgres, so that the reservation log need not hold them any longer.
package struct Settlement: Sendable, Equatable {
    /// An order that holds no units in Postgres, because it was rejected or has ended since. Its
    /// log entry goes; if Redis counts it among the buyer's orders, so that its units are missing
    /// from those available, both come back. The key stays, settled.
    package struct Released: Sendable, Equatable {
        package var order: OrderID
        package var user: UserID
        package var sku: SKU
        /// The key that the order leaves to the buyer's next attempt, who was told that this one
        /// came to nothing.
        package var freedKey: IdempotencyKey?

        package init(order: OrderID, user: UserID, sku: SKU, freedKey: IdempotencyKey? = nil) {
            self.order = order
            self.user = user
            self.sku = sku
            self.freedKey = freedKey
        }
    }

    package var sale: SaleID
    package var committed: [OrderID]
    package var released: [Released]

    package init(sale: SaleID, committed: [OrderID] = [], released: [Released] = []) {
        self.sale = sale
        self.committed = committed
        self.released = released
    }

    /// Adds what `verdict` means for the log.
    package mutating func add(_ reservation: Reservation, _ verdict: CommitVerdict) {
        let (order, user, sku) = (reservation.order, reservation.user, reservation.sku)
        switch verdict {
        case .committed(let found) where found.state.isLive: committed.append(order)
        case .rejected(.abandoned): released.append(Released(order: order, user: user, sku: sku, freedKey: reservation.key))
        case .committed, .rejected: released.append(Released(order: order, user: user, sku: sku))
        }
    }
}
