import SaleCore
package import SaleService

/// New orders of one item that were granted in one epoch: the usual batch.
package struct ItemBatch {
    private let item: ItemKey
    private let epoch: Epoch
    private let orders: [Reservation]
    /// By id, in which order two nodes that write the same ones wait for each other instead of
    /// dead-locking.
    private let sorted: [Reservation]

    /// `nil` for any other batch.
    package init?(_ orders: [Reservation]) {
        guard let first = orders.first,
            orders.allSatisfy({ $0.epoch == first.epoch && $0.request.purchase.sku == first.request.purchase.sku && $0.sale == first.sale })
        else {
            return nil
        }
        item = ItemKey(sale: first.sale, sku: first.sku)
        epoch = first.epoch
        self.orders = orders
        sorted = orders.sorted { $0.request.order < $1.request.order }
    }

    /// Whether one deadline stands for all of them. Who looks for what is due reads all orders with
    /// ids from the first one's to the last one's: those of an outage lie too far apart, with
    /// everybody else's between them.
    private var hasDeadline: Bool {
        sorted[0].order.createdAt.milliseconds + Self.deadlineSpanMilliseconds >= sorted[sorted.count - 1].order.createdAt.milliseconds
    }

    private static let deadlineSpanMilliseconds: Int64 = 1_000

    /// Commits all of them, or none.
    ///
    /// - Returns: the verdicts in the order of the batch; `nil` when Postgres does not know the
    ///   item, or has it in a later epoch: nothing was written.
    func commit(on session: isolated PostgresSession, _ counting: CountingItems) throws(JournalError) -> CommitVerdicts? {
        if !counting.contains(item) {
            do throws(JournalError) {
                return verdicts(try commitUncounted(on: session))
            } catch {
                guard error.hasState(SQLState.notNullViolation) else { throw error }
            }
        }
        return try commitCounted(on: session, counting).map(verdicts)
    }

    private func verdicts(_ terms: ItemTerms) -> CommitVerdicts { CommitVerdicts(all: orders, under: terms.terms) }

    private func commitUncounted(on session: isolated PostgresSession) throws(JournalError) -> ItemTerms {
        let units = orders.reduce(0) { $0 + Int64(Int32(clamping: $1.request.purchase.quantity)) }
        var inserting = parameters
        inserting.bool(hasDeadline)
        var entry = itemParameters
        entry.int64(units)
        var calls = [PreparedCall(.insertOrdersOfItem, inserting), PreparedCall(.enterCommit, entry)]
        if hasDeadline { calls.append(PreparedCall(.enterDeadline, deadline)) }
        var taking = itemParameters
        taking.int64(epoch.number)
        taking.int64(units)
        taking.order(sorted[0].order)
        calls.append(PreparedCall(.takeUnits, taking))
        var event = itemParameters
        event.orders(sorted, \.request.order)
        calls.append(PreparedCall(.enterCommitted, event))
        return try session.pipeline(calls) { result throws(JournalError) in
            guard result.rowCount == 1 else { throw .unreadable("the item of committed orders") }
            return try ItemTerms(result, 0, from: 0)
        }
    }

    private var itemParameters: PostgresParameters {
        var parameters = PostgresParameters()
        parameters.text(item.sale.rawValue)
        parameters.text(item.sku.rawValue)
        return parameters
    }

    private var deadline: PostgresParameters {
        var parameters = itemParameters
        parameters.order(sorted[0].order)
        parameters.order(sorted[sorted.count - 1].order)
        parameters.order(sorted.reduce(sorted[0]) { $1.grantedAt < $0.grantedAt ? $1 : $0 }.order)
        return parameters
    }

    private func commitCounted(on session: isolated PostgresSession, _ counting: CountingItems) throws(JournalError) -> ItemTerms? {
        try session.query(.commitItem, parameters) { result throws(JournalError) in
            guard result.rowCount == 1 else { return nil }
            counting.note(item, counts: result.bool(0, 3))
            return try ItemTerms(result, 0, from: 0)
        }
    }

    /// `$1`–`$8` of `insertOrdersOfItem` and `commitItem`.
    package var parameters: PostgresParameters {
        var parameters = PostgresParameters(reserving: 256 + sorted.count * 112)
        parameters.text(item.sale.rawValue)
        parameters.text(item.sku.rawValue)
        parameters.int64(epoch.number)
        parameters.orders(sorted, \.request.order)
        parameters.texts(sorted, \.request.purchase.user.rawValue)
        parameters.int32s(sorted) { Int32(clamping: $0.request.purchase.quantity) }
        parameters.texts(sorted) { $0.request.purchase.key?.rawValue }
        parameters.timestamps(sorted, \.grantedAt)
        return parameters
    }
}
