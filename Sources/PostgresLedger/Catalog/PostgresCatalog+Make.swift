package import SaleCore
package import SaleService

extension PostgresCatalog {
    package func make(_ changes: [SaleChange], to sale: SaleID, by attribution: Attribution) async throws(LedgerChangeError) {
        guard !changes.isEmpty else { return }
        let outcome: Result<Void, LedgerChangeError>
        do {
            outcome = try await perform { (session: isolated PostgresSession) throws(JournalError) in
                try Self.make(changes, to: sale, by: attribution, on: session)
            }
        } catch {
            throw .journal(error)
        }
        try outcome.get()
    }

    /// A refusal is a value and the transaction ends as one without changes: only Postgres's own
    /// errors are errors here.
    private static func make(
        _ changes: [SaleChange], to sale: SaleID, by attribution: Attribution, on session: isolated PostgresSession
    ) throws(JournalError) -> Result<Void, LedgerChangeError> {
        try session.transaction { () throws(JournalError) in
            if changes.contains(where: \.mayChangeGuard) { try session.run(.holdOrders) }
            try lock(changes, of: sale, on: session)
            var edit = SaleEdit(of: sale, from: try SaleRow.sales(sale, on: session).first)
            do throws(LedgerChangeError) {
                for change in changes { try edit.make(change) }
                try edit.validate()
            } catch {
                return .failure(error)
            }
            if let refusal = try roomRefusal(for: changes, edit, on: session) { return .failure(refusal) }
            if edit.isCreated, try !create(edit, on: session) { return .failure(.conflict("sale \(sale) exists already")) }
            try edit.write(on: session)
            try enterAudit(changes.map(\.auditLine), of: sale, by: attribution, on: session)
            try enterEvents(of: changes, to: sale, by: attribution, on: session)
            return .success(())
        }
    }

    /// Why the items that `changes` put on sale find no room beside those of the other sales; `nil`
    /// when they do.
    private static func roomRefusal(
        for changes: [SaleChange], _ edit: SaleEdit, on session: isolated PostgresSession
    ) throws(JournalError) -> LedgerChangeError? {
        guard changes.contains(where: \.putsItemsOnSale), let sale = edit.sale else { return nil }
        try session.run(.lockOpenItems)
        let open = try openItems(besides: sale.id, on: session) + Int64(sale.items.count)
        return open > Limits.openItemsMax ? .tooManyItems(open: open) : nil
    }

    package func openItems(besides sale: SaleID) async throws(JournalError) -> Int64 {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in try Self.openItems(besides: sale, on: session) }
    }

    private static func openItems(besides sale: SaleID, on session: isolated PostgresSession) throws(JournalError) -> Int64 {
        var parameters = PostgresParameters()
        parameters.text(sale.rawValue)
        return try session.query(.openItems, parameters) { result in result.int64(0, 0) }
    }

    private static func lock(_ changes: [SaleChange], of sale: SaleID, on session: isolated PostgresSession) throws(JournalError) {
        var saleParameters = PostgresParameters()
        saleParameters.text(sale.rawValue)
        try session.run(.lockSaleRow, saleParameters)
        let skus = changes.compactMap(\.sku)
        guard !skus.isEmpty else { return }
        saleParameters.texts(skus, \.rawValue)
        try session.run(.lockItemsOfSale, saleParameters)
    }

    /// - Returns: `false` when somebody else created the sale meanwhile; its row could not be
    ///   locked before it was there.
    private static func create(_ edit: SaleEdit, on session: isolated PostgresSession) throws(JournalError) -> Bool {
        guard let sale = edit.sale else { return false }
        var parameters = PostgresParameters()
        parameters.text(sale.id.rawValue)
        parameters.text(sale.title)
        parameters.text(sale.status.rawValue)
        parameters.timestamp(sale.opensAt)
        parameters.timestamp(sale.closesAt)
        parameters.int64(sale.payWithinMilliseconds)
        return try session.run(.createSale, parameters) == 1
    }

    package func enterAudit(_ lines: [String], of sale: SaleID?, by attribution: Attribution) async throws(JournalError) {
        try await perform { (session: isolated PostgresSession) throws(JournalError) in
            try Self.enterAudit(lines, of: sale, by: attribution, on: session)
        }
    }

    /// - Parameter order: where it was done to one order.
    static func enterAudit(
        _ lines: [String], of sale: SaleID?, _ order: OrderID? = nil, by attribution: Attribution, on session: isolated PostgresSession
    ) throws(JournalError) {
        var parameters = PostgresParameters()
        // No sale has an empty name.
        parameters.text(sale?.rawValue ?? "")
        parameters.text(attribution.actor)
        parameters.text(attribution.command)
        parameters.texts(lines) { $0 }
        parameters.text(attribution.channel.rawValue)
        parameters.text(attribution.reason)
        parameters.text(attribution.requestID)
        parameters.order(order)
        parameters.text(attribution.request?.key)
        parameters.text(attribution.request?.request)
        try session.run(.enterAudit, parameters)
    }
}
