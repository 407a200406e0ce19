/// What an operator has said of a sale. What a buyer sees also depends on the clock and the stock:
/// see `SalePhase`.
package enum SaleStatus: String, Sendable, CaseIterable {
    case open
    case paused
    /// Terminal.
    case closed
}

/// What a buyer sees of a sale at one instant.
package enum SalePhase: String, CaseIterable, Sendable {
    case notStarted = "not_started"
    case open
    case paused
    case soldOut = "sold_out"
    case closed
}

/// One item of a sale.
package struct SaleItem: Sendable, Equatable {
    package var sku: SKU
    package var title: String
    /// In the currency's minor unit.
    package var unitPrice: Int64
    package var currency: Currency
    /// Units that were ever put on sale.
    package var loaded: Int64
    /// Units in live orders that Postgres knows.
    package var committed: Int64
    package var limitPerUser: Int
    /// Grows with every change of `loaded` or `limitPerUser`; the newer one wins in Redis.
    package var version: Int64
    /// The number of the last stock move that is part of `committed`.
    package var lastMove: Int64

    package init(
        sku: SKU, title: String, unitPrice: Int64, currency: Currency, loaded: Int64, committed: Int64, limitPerUser: Int, version: Int64,
        lastMove: Int64 = 0
    ) {
        self.sku = sku
        self.title = title
        self.unitPrice = unitPrice
        self.currency = currency
        self.loaded = loaded
        self.committed = committed
        self.limitPerUser = limitPerUser
        self.version = version
        self.lastMove = lastMove
    }
}

extension SaleItem {
    /// Units that a buyer may hope for: what Redis would grant, else what Postgres has not given
    /// away.
    ///
    /// - Parameter available: `nil` when Redis does not hold the item.
    package func units(available: Int64?) -> Int64 { max(0, available ?? loaded - committed) }
}

/// A sale as Postgres holds it.
package struct Sale: Sendable, Equatable {
    package var id: SaleID
    package var title: String
    package var status: SaleStatus
    package var opensAt: Timestamp
    package var closesAt: Timestamp
    /// How long a committed order may wait for its payment.
    package var payWithinMilliseconds: Int64
    /// Grows with every change that an operator makes, of an item, too; the newer one wins in
    /// Redis.
    package var version: Int64
    /// Grows with every rebuild of the sale in Redis. A script call under another epoch is refused.
    package var epoch: Epoch
    /// The `run_id` of the Redis whose numbers were proven for `epoch`; empty while none is.
    package var provenRun: String
    /// In the order of the SKUs.
    package var items: [SaleItem]

    package init(
        id: SaleID, title: String, status: SaleStatus, opensAt: Timestamp, closesAt: Timestamp, payWithinMilliseconds: Int64,
        version: Int64, epoch: Epoch, provenRun: String, items: [SaleItem]
    ) {
        self.id = id
        self.title = title
        self.status = status
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.payWithinMilliseconds = payWithinMilliseconds
        self.version = version
        self.epoch = epoch
        self.provenRun = provenRun
        self.items = items
    }

    /// No item has a unit left.
    ///
    /// - Parameter available: units that Redis would grant of an item; `nil` when it does not hold
    ///   it, and what Postgres has left counts.
    package func isSoldOut(_ available: (SKU) -> Int64?) -> Bool {
        !items.isEmpty && items.allSatisfy { $0.units(available: available($0.sku)) == 0 }
    }

    /// The phase at `now`, given whether any unit is available.
    package func phase(at now: Timestamp, isSoldOut: Bool) -> SalePhase {
        if status == .closed || now >= closesAt { return .closed }
        if status == .paused { return .paused }
        if now < opensAt { return .notStarted }
        return isSoldOut ? .soldOut : .open
    }
}
