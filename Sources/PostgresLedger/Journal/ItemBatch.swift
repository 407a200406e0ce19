import SaleCore
package import SaleService

/// Orders of one item that were granted in one epoch: the usual batch, for which `commitItem` is made.
package struct ItemBatch {
    private let orders: [Reservation]

    /// `nil` for any other batch.
    package init?(_ orders: [Reservation]) {
        guard let first = orders.first, orders.allSatisfy({ $0.epoch == first.epoch && $0.sku == first.sku && $0.sale == first.sale }) else {
            return nil
        }
        self.orders = orders
    }

    /// Commits all of them, or none.
    ///
    /// - Returns: the verdicts in the order of the batch; `nil` when Postgres does not know the item, or has it in a later epoch: nothing was written.
    func commit(on session: isolated PostgresSession) throws(JournalError) -> [CommitVerdict]? {
        let terms = try session.query(.commitItem, parameters) { result throws(JournalError) in
            result.rowCount == 1 ? try ItemTerms(result, 0, from: 0) : nil
        }
        return terms.map { terms in orders.map { .committed(terms.order($0)) } }
    }

    /// `$1`–`$8` of `commitItem`.
    package var parameters: PostgresParameters {
        let sorted = orders.sorted { $0.order < $1.order }
        var parameters = PostgresParameters(reserving: 256 + sorted.count * 112)
        parameters.text(sorted[0].sale.rawValue)
        parameters.text(sorted[0].sku.rawValue)
        parameters.int64(sorted[0].epoch)
        parameters.orders(sorted, \.order)
        parameters.texts(sorted, \.user.rawValue)
        parameters.int32s(sorted) { Int32(clamping: $0.quantity) }
        parameters.texts(sorted) { $0.key?.rawValue }
        parameters.timestamps(sorted, \.grantedAt)
        return parameters
    }
}
