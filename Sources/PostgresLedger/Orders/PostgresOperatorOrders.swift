package import SaleCore
package import SaleService

/// What operators do to orders, each a transaction with its row of the audit trail.
package struct PostgresOperatorOrders: OperatorOrders {
    let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    package func cancel(_ order: OrderID, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> OperatorCancelOutcome {
        try await transaction { (session: isolated PostgresSession) throws(JournalError) in
            guard let found = try dryRun ? Self.found(order, on: session) : Self.lock(order, on: session) else { return .unknownOrder }
            guard found.state == .awaitingPayment else { return .notCancellable(found) }
            guard !dryRun else { return .cancelled(found.cancelled) }
            try PostgresCatalog.enterAudit(
                ["order \(order) state awaiting_payment → cancelled"], of: found.sale, order, by: attribution, on: session)
            // Last, because it locks the item, which everybody who buys it wants.
            var parameters = PostgresParameters()
            parameters.order(order)
            parameters.text(attribution.actor)
            let cancelled = try session.query(.withdrawOrder, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
            guard let cancelled else { throw .unreadable("a cancelled order") }
            return .cancelled(cancelled)
        }
    }

    package func record(_ refund: Refund, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> RefundOutcome {
        try await transaction { (session: isolated PostgresSession) throws(JournalError) in
            let found = try dryRun ? Self.found(refund.order, on: session) : Self.lock(refund.order, on: session)
            guard let order = found else { return .unknownOrder }
            let due = try Self.balance(of: order, on: session) - (order.state == .paid ? order.amountDue : 0)
            guard order.refundDue, due > 0 else { return .notDue(order) }
            guard refund.amount == due, refund.currency ?? order.currency == order.currency else {
                return .wrongAmount(due: due, currency: order.currency)
            }
            let isNew =
                try dryRun
                ? !Self.isKnown(refund.reference, of: order, on: session) : Self.keep(refund, of: order, by: attribution, on: session)
            guard isNew else { return .referenceUsed(order) }
            var settled = order
            settled.refundDue = false
            return .refunded(settled)
        }
    }

    /// A transition can meet a batch of the writer in another order of locks; Postgres then asks
    /// one of them to try again.
    private func transaction<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await sessions.confirmed(as: .catalog, waitMax: PostgresCatalog.waitMax) { (session: isolated PostgresSession) throws(JournalError) in
            try PostgresJournal.repeating { () throws(JournalError) in
                try session.transaction { () throws(JournalError) in try body(session) }
            }
        }
    }

    /// Nobody pays, cancels or refunds it until the end of the transaction.
    private static func lock(_ id: OrderID, on session: isolated PostgresSession) throws(JournalError) -> Order? {
        var parameters = PostgresParameters()
        parameters.order(id)
        return try session.query(.lockOrder, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
    }

    private static func found(_ id: OrderID, on session: isolated PostgresSession) throws(JournalError) -> Order? {
        var parameters = PostgresParameters()
        parameters.order(id)
        return try session.look(.orderByID, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
    }

    /// Whether an earlier refund of the order has the reference.
    private static func isKnown(_ reference: String, of order: Order, on session: isolated PostgresSession) throws(JournalError) -> Bool {
        var parameters = PostgresParameters()
        parameters.order(order.id)
        return try session.query(.refundsOfOrder, parameters) { result in (0..<result.rowCount).contains { result.text($0, 0) == reference } }
    }

    private static func balance(of order: Order, on session: isolated PostgresSession) throws(JournalError) -> Int64 {
        var parameters = PostgresParameters()
        parameters.text(order.sale.rawValue)
        parameters.text(order.sku.rawValue)
        parameters.order(order.id)
        return try session.query(.orderBalance, parameters) { $0.int64(0, 0) }
    }

    /// `false` when the order has an earlier refund of the same reference.
    private static func keep(
        _ refund: Refund, of order: Order, by attribution: Attribution, on session: isolated PostgresSession
    ) throws(JournalError) -> Bool {
        var parameters = PostgresParameters()
        parameters.order(order.id)
        var settling = parameters
        settling.text(refund.reference)
        settling.text(attribution.actor)
        parameters.int64(refund.amount)
        parameters.text(order.currency.code)
        var details = parameters
        details.text(refund.reference)
        details.text(attribution.actor)
        guard try session.run(.keepRefund, details) == 1 else { return false }
        try session.run(.enterRefund, parameters)
        try session.run(.clearRefundDue, settling)
        try PostgresCatalog.enterAudit(
            [
                "order \(order.id) refunded \(Money.amount(refund.amount, order.currency)), reference \(refund.reference)",
                "order \(order.id) refund_due true → false",
            ],
            of: order.sale, order.id, by: attribution, on: session)
        return true
    }
}
