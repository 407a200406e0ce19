package import SaleCore

/// A purchase as the script decides it, under the id that its order will have.
package struct ReservationRequest: Sendable, Equatable {
    package var order: OrderID
    package var purchase: Purchase

    package init(order: OrderID, purchase: Purchase) {
        self.order = order
        self.purchase = purchase
    }

    package var user: UserID { purchase.user }
    package var sku: SKU { purchase.sku }
    package var quantity: Int { purchase.quantity }
    package var key: IdempotencyKey? { purchase.key }
}

/// Purchases of one sale that are decided together, in this order, in one atomic step.
package struct ReservationBatch: Sendable, Equatable {
    package var sale: SaleID
    /// The epoch under which the caller believes the sale's numbers to be proven.
    package var epoch: Epoch
    package var requests: [ReservationRequest]

    package init(sale: SaleID, epoch: Epoch, requests: [ReservationRequest]) {
        self.sale = sale
        self.epoch = epoch
        self.requests = requests
    }
}

/// What was granted and is not yet in Postgres: an entry of the reservation log.
package struct Reservation: Sendable, Equatable {
    package var request: ReservationRequest
    package var sale: SaleID
    /// In which it was granted.
    package var epoch: Epoch
    /// Redis's clock at the grant; becomes the order's `created_at`.
    package var grantedAt: Timestamp

    package init(_ request: ReservationRequest, of sale: SaleID, epoch: Epoch, grantedAt: Timestamp) {
        self.request = request
        self.sale = sale
        self.epoch = epoch
        self.grantedAt = grantedAt
    }

    package var order: OrderID { request.order }
    package var user: UserID { request.purchase.user }
    package var sku: SKU { request.purchase.sku }
    package var quantity: Int { request.purchase.quantity }
    package var key: IdempotencyKey? { request.purchase.key }
}

/// What the script said of one purchase.
package enum ReservationVerdict: Sendable, Equatable {
    /// The units are taken and the order stands in the reservation log.
    case granted
    /// The idempotency key already made this order, with the same payload.
    case replayed(OrderID)
    /// The idempotency key already made an order with another payload.
    case keyMismatch
    /// The user's live orders leave no room below the limit; the newest of them, if there is one.
    case limitReached(OrderID?)
    /// Fewer units are left than were asked for; `left` may be positive when more than one was
    /// asked for.
    case soldOut(left: Int64)
    case notStarted
    case paused
    case closed
    case unknownSKU
}

/// The script's answer to a batch.
package enum ReservationReply: Sendable, Equatable {
    /// One verdict per request, in the order of the batch, all at one instant of Redis's clock.
    case decided(at: Timestamp, verdicts: [ReservationVerdict])
    /// Nothing was done: Redis does not hold the sale, or holds it as not yet proven.
    case notLoaded
    /// Nothing was done: Redis is at another epoch.
    case staleEpoch(current: Epoch)
}

/// Why a call to Redis has no answer.
package enum StoreError: Error, Sendable, Equatable {
    /// It was never sent; repeating it is safe.
    case notSent(reason: String)
    /// It was sent and the reply was lost; its effect is unknown. Ask again by order id.
    case outcomeUnknown(reason: String)
    /// Redis answered with an error, before any write.
    case refused(reason: String)
    /// Redis does not know the script: it was restarted, replaced, promoted or flushed.
    case scriptMissing
}

extension StoreError {
    /// Redis does not know us, or does not let us do this: only its operator can help.
    package var isAccessDenied: Bool {
        switch self {
        case .scriptMissing: false
        case .notSent(let reason), .outcomeUnknown(let reason), .refused(let reason):
            // Within a script, Redis 7 tells a forbidden command in these words.
            ["NOAUTH", "WRONGPASS", "NOPERM", "AUTH was refused", "The user executing the script can't", "ACL failure in script"].contains {
                reason.contains($0)
            }
        }
    }
}
