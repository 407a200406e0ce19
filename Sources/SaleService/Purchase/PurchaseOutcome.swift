package import SaleCore

/// What became of a purchase, as its buyer hears it.
package enum PurchaseOutcome: Sendable, Equatable {
    /// In Postgres.
    case committed(Order, isReplay: Bool)
    /// Granted; the verdict of Postgres follows.
    case reserved(Order, isReplay: Bool)
    case refused(PurchaseRefusal)
}

package enum PurchaseRefusal: Sendable, Equatable {
    case unknownSKU
    case notStarted(opensAt: Timestamp, now: Timestamp)
    case paused
    case closed
    case soldOut
    case limitReached(OrderID?)
    case keyMismatch
    /// The first request under this key has no verdict yet, and too many orders are being carried
    /// to Postgres to carry this one, or its order is nowhere to be found.
    case inProgress
    /// Not admitted: Redis was not asked.
    case overloaded
    /// The sale's numbers are not proven, or Redis did not answer. When the reply was lost, the
    /// outcome is unknown: the reservation log decides it, and a repetition under the same key
    /// hears it.
    case recovering
    case draining
}

/// Who waits for a purchase. Called exactly once, on the lane's event loop.
package protocol PurchaseWaiter: AnyObject {
    func purchaseEnded(_ outcome: PurchaseOutcome)
}

extension Order {
    /// The order as the first answer to its purchase showed it, whatever became of it since; so
    /// that a repetition hears the same.
    package var asFirstAnswered: Order {
        var first = self
        first.state = .awaitingPayment
        first.refundDue = false
        return first
    }

    /// The order of a reservation that Postgres has not judged yet; `nil` when the catalog no
    /// longer has the item.
    package init?(reserved reservation: Reservation, in sale: Sale) {
        guard let item = sale.items.first(where: { $0.sku == reservation.sku }) else { return nil }
        self.init(reservation, under: OrderTerms(item, of: sale), state: .reserved)
    }
}
