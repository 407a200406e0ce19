import PostgresLedger
import SaleCore
import SaleService

/// A ledger, and the life of its orders.
struct LifeUnderTest: Sendable {
    let ledger: LedgerUnderTest
    let life: PostgresOrderLife

    /// Commits `orders`, all of which must fit.
    func commit(_ orders: [Reservation]) async throws {
        let verdicts = try await ledger.journal().commit(orders)
        guard verdicts.committedCount == orders.count else { throw NotCommitted(verdicts: verdicts) }
    }

    private struct NotCommitted: Error { let verdicts: CommitVerdicts }

    /// Makes the time to pay of `orders` be over; of all when none are named. The first one named
    /// was due longest ago, and no batch speaks for them any more.
    func letPass(_ orders: Reservation...) async throws {
        guard !orders.isEmpty else {
            return try await ledger.session.script(
                "UPDATE orders SET pay_by = now() - interval '1 second'; UPDATE unpaid_batches SET pay_by = now() - interval '1 second'")
        }
        for (index, order) in orders.enumerated() {
            try await ledger.session.script(
                """
                UPDATE orders SET pay_by = now() - interval '1 hour' + \(index) * interval '1 minute', due_by_batch = false WHERE id = '\(order.order)'
                """)
        }
    }

    func state(_ order: Reservation) async throws -> OrderState? {
        try await PostgresOrders(address: ledger.address).order(order.order)?.state
    }

    func moves(besides sales: [SaleID] = [], countMax: Int = 1_000) async throws -> [StockMove] {
        try await life.pendingMoves(besides: sales, countMax: countMax)
    }

    /// The give-back of `order`, as it must be written.
    func giveBack(_ order: Reservation, number: Int64, epoch: Epoch = 0) -> StockMove {
        StockMove(
            sale: order.sale, sku: order.sku, number: number, kind: .giveBack, order: order.order, user: order.user, quantity: order.quantity,
            key: nil, epoch: epoch)
    }

    func payment(
        _ order: Reservation, id: String, _ outcome: PaymentEvent.Outcome = .succeeded, amount: Int64? = nil, currency: String = "CNY"
    ) -> PaymentEvent {
        PaymentEvent(
            id: PaymentEventID(id)!, order: order.order, outcome: outcome, amount: amount ?? 399_900 * Int64(order.quantity),
            currency: Currency(currency)!)
    }

    /// Units of the users' counters; 0 where the limit is 1 and no counter exists.
    func counted(_ user: String = "") async throws -> Int64 {
        try await ledger.number("SELECT coalesce(sum(units), 0) FROM user_units WHERE '\(user)' IN ('', user_id)")
    }

    func lastMove(_ sku: SKU = LedgerUnderTest.phone) async throws -> Int64 {
        try await ledger.number("SELECT last_move FROM stock WHERE sku = '\(sku)'")
    }

    /// One line per entry of `kind`: `<units> <amount> <currency>`.
    func ledgerLines(_ kind: String) async throws -> [String] {
        try await ledger.lines("SELECT format('%s %s %s', committed, amount, currency) FROM stock_ledger WHERE kind = '\(kind)' ORDER BY id")
    }

    /// One line per event: `<id> <outcome> <effect>`.
    func events() async throws -> [String] {
        try await ledger.lines("SELECT format('%s %s %s', event_id, outcome, effect) FROM payment_events ORDER BY received_at, event_id")
    }
}

func withLife(stock: Int64..., limit: Int = 1, _ body: (LifeUnderTest) async throws -> Void) async throws {
    try await withPostgres { url in
        let ledger = try LedgerUnderTest(url: url)
        try await ledger.load(stock: stock, limit: limit)
        try await body(LifeUnderTest(ledger: ledger, life: PostgresOrderLife(address: ledger.address, sessionCount: 4)))
    }
}

extension PostgresOrderLife {
    /// As if Redis had been told of `moves`.
    func forget(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) async throws -> Int {
        try await tell(movesBesides: [], countMax: 1_000) { _ in [KnownMoves(moves, of: sale, epoch: epoch)] }.forgotten
    }
}

extension CancelOutcome {
    var order: Order? {
        switch self {
        case .cancelled(let order, _), .notCancellable(let order): order
        case .unknownOrder: nil
        }
    }
}

extension PaymentOutcome {
    var order: Order? { if case .recorded(let order, _) = self { order } else { nil } }
}
