package import SaleCore
package import SaleService

/// Orders, movements and commands, as operators read them.
package struct PostgresOrderBooks: OrderBooks {
    private let sessions: PostgresSessions

    package init(sessions: PostgresSessions) {
        self.sessions = sessions
    }

    /// At one instant.
    package func record(of id: OrderID) async throws(JournalError) -> OrderRecord? {
        try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            try session.transaction(.snapshot) { () throws(JournalError) in try Self.record(of: id, on: session) }
        }
    }

    private static func record(of id: OrderID, on session: isolated PostgresSession) throws(JournalError) -> OrderRecord? {
        var parameters = PostgresParameters()
        parameters.order(id)
        let order = try session.look(.orderByID, parameters) { result throws(JournalError) in try OrderRow.readAll(result).first }
        guard let order else { return nil }
        var record = OrderRecord(order: order)
        try session.query(.orderExtras, parameters) { result throws(JournalError) in
            guard result.rowCount == 1 else { return }
            record.keyHash = result.optionalText(0, 0)
            record.rejection = result.optionalText(0, 1)
            record.committedAt = result.isNull(0, 2) || record.rejection != nil ? nil : result.timestamp(0, 2)
        }
        record.payments = try session.query(.paymentsOfOrder, parameters) { result throws(JournalError) in try payments(of: id, result) }
        record.refunds = try session.query(.refundsOfOrder, parameters) { result throws(JournalError) in try refunds(result) }
        var ofSale = PostgresParameters()
        ofSale.text(order.sale.rawValue)
        var ofItem = ofSale
        ofItem.text(order.sku.rawValue)
        ofItem.order(id)
        ofSale.order(id)
        record.ledger = try session.query(.ledgerOfOrder, ofItem) { result throws(JournalError) in try LedgerRow.readAll(result) }
        record.moves = try session.query(.movesOfOrder, ofItem) { result throws(JournalError) in try StockMoveRow.readAll(result) }
        record.audit = try session.query(.auditOfOrder, ofSale) { result throws(JournalError) in try AuditRow.readAll(result) }
        return record
    }

    private static func payments(of order: OrderID, _ result: borrowing PostgresResult) throws(JournalError) -> [PaymentRecord] {
        var payments: [PaymentRecord] = []
        for row in 0..<result.rowCount {
            guard
                let id = PaymentEventID(result.text(row, 0)), let outcome = PaymentEvent.Outcome(rawValue: result.text(row, 1)),
                let currency = Currency(result.text(row, 3)), let effect = PaymentEffect(rawValue: result.text(row, 4))
            else { throw .unreadable("a payment event") }
            payments.append(
                PaymentRecord(
                    event: PaymentEvent(id: id, order: order, outcome: outcome, amount: result.int64(row, 2), currency: currency), effect: effect,
                    receivedAt: result.timestamp(row, 5)))
        }
        return payments
    }

    private static func refunds(_ result: borrowing PostgresResult) throws(JournalError) -> [RefundRecord] {
        var refunds: [RefundRecord] = []
        for row in 0..<result.rowCount {
            guard let currency = Currency(result.text(row, 2)) else { throw .unreadable("a refund") }
            refunds.append(
                RefundRecord(
                    reference: result.text(row, 0), amount: result.int64(row, 1), currency: currency, refundedAt: result.timestamp(row, 3),
                    actor: result.text(row, 4)))
        }
        return refunds
    }

    /// An order that owes nothing has received what went back and, once it is paid, its price: only
    /// of one that owes is the ledger asked, which has no index of orders.
    package func money(of orders: [Order]) async throws(JournalError) -> [OrderID: OrderMoney] {
        guard !orders.isEmpty else { return [:] }
        let owing = orders.filter(\.refundDue)
        return try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            try session.transaction(.snapshot) { () throws(JournalError) in
                var parameters = PostgresParameters()
                parameters.orders(orders, \.id)
                let refunded = try session.look(.refundedOfOrders, parameters) { result throws(JournalError) in Self.sums(result) }
                var kept: [OrderID: Int64] = [:]
                if !owing.isEmpty {
                    var ofItems = PostgresParameters()
                    ofItems.texts(owing) { $0.sale.rawValue }
                    ofItems.texts(owing) { $0.sku.rawValue }
                    ofItems.orders(owing, \.id)
                    kept = try session.query(.balancesOfOrders, ofItems) { result throws(JournalError) in Self.sums(result) }
                }
                var money: [OrderID: OrderMoney] = [:]
                for order in orders {
                    let back = refunded[order.id] ?? 0
                    let balance = order.refundDue ? kept[order.id] ?? 0 : order.state == .paid ? order.amountDue : 0
                    money[order.id] = OrderMoney(received: back + balance, refunded: back)
                }
                return money
            }
        }
    }

    private static func sums(_ result: borrowing PostgresResult) -> [OrderID: Int64] {
        var sums: [OrderID: Int64] = [:]
        for row in 0..<result.rowCount { sums[result.order(row, 0)] = result.int64(row, 1) }
        return sums
    }

    package func audit(_ filter: AuditFilter, before id: Int64?, countMax: Int) async throws(JournalError) -> [AuditEntry] {
        try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(filter.sale?.rawValue)
            parameters.timestamp(filter.since)
            parameters.timestamp(filter.until)
            parameters.int64(id ?? .max)
            parameters.int64(Int64(countMax))
            parameters.text(filter.actor)
            return try session.look(.auditTrail, parameters) { result throws(JournalError) in try AuditRow.readAll(result) }
        }
    }

    package func ledger(
        of sale: SaleID, _ sku: SKU?, after entry: (sku: SKU, id: Int64)?, countMax: Int
    ) async throws(JournalError) -> [LedgerEntry] {
        let (lastSKU, lastID) = (entry?.sku.rawValue ?? "", entry?.id ?? 0)
        return try await confirmed { (session: isolated PostgresSession) throws(JournalError) in
            var parameters = PostgresParameters()
            parameters.text(sale.rawValue)
            parameters.text(sku?.rawValue)
            parameters.text(lastSKU)
            parameters.int64(lastID)
            parameters.int64(Int64(countMax))
            return try session.look(.ledgerOfSale, parameters) { result throws(JournalError) in try LedgerRow.readAll(result) }
        }
    }

    private func confirmed<Value: Sendable>(
        _ body: @Sendable (isolated PostgresSession) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await sessions.confirmed(as: .catalog, waitMax: PostgresCatalog.waitMax, body)
    }
}
