package import SaleCore

/// What became of a buyer's wish to cancel.
package enum CancelOutcome: Sendable, Equatable {
    /// The order is cancelled, by this call unless it is no news.
    case cancelled(Order, isNews: Bool = true)
    /// It was paid, has expired, or was rejected.
    case notCancellable(Order)
    /// There is none of this id, or it is another user's.
    case unknownOrder
}

/// What became of a payment provider's event.
package enum PaymentOutcome: Sendable, Equatable {
    /// The event is kept, by this call unless it is no news, and the order looks like this now.
    case recorded(Order, isNews: Bool = true)
    /// Nothing was kept.
    case unknownOrder
    /// Nothing was kept: the order costs something else.
    case wrongAmount(due: Int64, currency: Currency)
    /// Nothing was kept: the id belongs to another event.
    case otherEvent
}

/// An order whose units Redis must be told of, because they moved in Postgres alone. Numbered
/// without gaps per sale and SKU, in the order in which they were committed; Redis remembers the
/// last number that it knows of, so that each counts exactly once.
package struct StockMove: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The order was granted in an epoch that had ended before Postgres committed it: its units
        /// are in no number of Redis.
        case charge
        /// The order gave its units back.
        case giveBack = "give_back"
    }

    package var sale: SaleID
    package var sku: SKU
    package var number: Int64
    package var kind: Kind
    package var order: OrderID
    package var user: UserID
    package var quantity: Int
    /// Of a charged order.
    package var key: IdempotencyKey?
    /// The sale's epoch when it was committed.
    package var epoch: Epoch

    package init(
        sale: SaleID, sku: SKU, number: Int64, kind: Kind, order: OrderID, user: UserID, quantity: Int, key: IdempotencyKey?, epoch: Epoch
    ) {
        self.sale = sale
        self.sku = sku
        self.number = number
        self.kind = kind
        self.order = order
        self.user = user
        self.quantity = quantity
        self.key = key
        self.epoch = epoch
    }

    /// By how much the units available in Redis will grow.
    package var unitsComing: Int64 {
        switch kind {
        case .charge: -Int64(quantity)
        case .giveBack: Int64(quantity)
        }
    }
}

/// Moves of one sale that Redis knows of now.
package struct KnownMoves: Sendable, Equatable {
    package var moves: [StockMove]
    package var sale: SaleID
    /// In which it was told.
    package var epoch: Epoch

    package init(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) {
        self.moves = moves
        self.sale = sale
        self.epoch = epoch
    }
}

/// What came of telling Redis of moves.
package struct MoveTurn: Sendable, Equatable {
    package var handed: Int
    package var forgotten: Int

    package init(handed: Int = 0, forgotten: Int = 0) {
        self.handed = handed
        self.forgotten = forgotten
    }
}

/// Orders after their commit. Every transition names the state that it leaves, and writes its stock
/// move in the same transaction.
package protocol OrderLife: Sendable {
    func cancel(_ order: OrderID, by user: UserID) async throws(JournalError) -> CancelOutcome

    /// Keeps `event` and does to its order what it says, if it is about the order's money.
    /// Idempotent by the event's id. A payment that comes after the units were given back, or a
    /// second one, is kept and marks the order `refundDue`.
    func record(_ event: PaymentEvent) async throws(JournalError) -> PaymentOutcome

    /// Ends orders that were not paid in time, by Postgres's clock, `countMax` at most; those that
    /// another transaction holds are left for the next time.
    ///
    /// - Returns: how many it ended.
    func expire(countMax: Int) async throws(JournalError) -> Int

    /// Moves that Redis may not know of, each SKU's in the order of their numbers, `countMax` at
    /// most.
    ///
    /// - Parameter sales: whose moves are left out, because Redis cannot be told of them at the
    ///   moment.
    func pendingMoves(besides sales: [SaleID], countMax: Int) async throws(JournalError) -> [StockMove]

    /// Hands pending moves to `redis`, `countMax` at most, each SKU's first ones in the order of
    /// their numbers, and forgets those that it tells back. Nobody else is handed the same ones
    /// meanwhile, so that of many nodes one does the work; those that another node was handed are
    /// stepped over.
    ///
    /// What was told in an epoch that is over is not forgotten: then it was perhaps another Redis
    /// that was told, and whoever rebuilds or was rebuilt must hear of it, too.
    ///
    /// - Parameter sales: whose moves are left out.
    /// - Throws: `JournalError`, or what `redis` throws; nothing is forgotten then.
    func tell(
        movesBesides sales: [SaleID], countMax: Int, to redis: @Sendable ([StockMove]) async throws -> [KnownMoves]
    ) async throws -> MoveTurn
}
