import SaleCore
import SaleService

/// What a statement of the fast path inserted.
struct InsertedOrders {
    /// By id, as they were sent.
    private let sorted: [Reservation]
    private let items: BatchItems
    /// Per item; `nil` for one that Postgres does not know.
    private var terms: [ItemTerms?]
    private var inserted: [OrderID] = []

    /// - Parameter statement: `commitNewOrders` or `commitOrders`.
    static func insert(
        _ orders: [Reservation], by statement: Statement, on session: isolated PostgresSession
    ) throws(JournalError) -> InsertedOrders {
        // Postgres sorts by id in any case; what is sorted already costs it one pass.
        let sorted = orders.sorted { $0.order < $1.order }
        let items = BatchItems(sorted)
        return try session.query(statement, PostgresParameters(sorted, of: items)) { result throws(JournalError) in
            var inserted = InsertedOrders(sorted: sorted, items: items)
            for row in 0..<result.rowCount { try inserted.read(result, row) }
            return inserted
        }
    }

    private init(sorted: [Reservation], items: BatchItems) {
        self.sorted = sorted
        self.items = items
        self.terms = Array(repeating: nil, count: items.keys.count)
    }

    private mutating func read(_ result: borrowing PostgresResult, _ row: Int) throws(JournalError) {
        let position = Int(result.int64(row, 0))
        if position > 0 {
            terms[position - 1] = try ItemTerms(result, row, from: 1)
        } else if !result.isNull(row, 4) {
            inserted = result.orders(row, 4)
        }
    }

    var count: Int { inserted.count }
    var ids: Set<OrderID> { Set(inserted) }

    /// The verdicts of `batch`, in its order, when all of it was inserted: what happens nearly
    /// always, and then no id need be looked at.
    func verdictsOfWholeBatch(_ batch: [Reservation]) -> CommitVerdicts? {
        guard count == batch.count else { return nil }
        if items.keys.count == 1, let terms = terms[0] { return CommitVerdicts(all: batch, under: terms.terms) }
        let verdicts = verdicts
        return CommitVerdicts(batch.map { verdicts[$0.order] ?? .rejected(.unknownItem) })
    }

    /// The verdicts of what was inserted, and of what can never be.
    var verdicts: [OrderID: CommitVerdict] {
        let ids = ids
        var verdicts: [OrderID: CommitVerdict] = [:]
        for (order, index) in zip(sorted, items.indices) {
            guard let terms = terms[index] else {
                verdicts[order.order] = .rejected(.unknownItem)
                continue
            }
            if ids.contains(order.order) { verdicts[order.order] = .committed(terms.order(order)) }
        }
        return verdicts
    }
}
