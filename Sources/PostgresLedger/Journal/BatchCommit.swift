import SaleCore
import SaleService

/// One attempt to commit one batch: the fast paths for all of it, then what is left.
struct BatchCommit {
    private let batch: [Reservation]
    private let counting: CountingItems

    init(_ batch: [Reservation], _ counting: CountingItems) {
        self.batch = batch
        self.counting = counting
    }

    func run(on session: isolated PostgresSession) throws(JournalError) -> CommitVerdicts {
        let inserted: Inserted
        do throws(JournalError) {
            inserted = try insert(on: session)
        } catch {
            // An order too many for its item or its user: nothing of the batch was written.
            guard error.hasState(SQLState.checkViolation) else { throw error }
            return try merge(SerializedCommit.run(distinct(batch), on: session))
        }
        switch inserted {
        case .all(let verdicts): return verdicts
        case .some(let orders):
            if let verdicts = orders.verdictsOfWholeBatch(batch) { return verdicts }
            return try lookForTheRest(besides: orders, on: session)
        }
    }

    private enum Inserted {
        case all(CommitVerdicts)
        case some(InsertedOrders)
    }

    /// New orders first, because nearly all batches are new; what is there already is met by a
    /// unique index.
    private func insert(on session: isolated PostgresSession) throws(JournalError) -> Inserted {
        do throws(JournalError) {
            if let usual = ItemBatch(batch), let verdicts = try usual.commit(on: session, counting) { return .all(verdicts) }
            return .some(try InsertedOrders.insert(batch, by: .commitNewOrders, on: session))
        } catch {
            guard error.hasState(SQLState.uniqueViolation) else { throw error }
            return .some(try InsertedOrders.insert(batch, by: .commitOrders, on: session))
        }
    }

    private func lookForTheRest(besides inserted: InsertedOrders, on session: isolated PostgresSession) throws(JournalError) -> CommitVerdicts {
        let known = inserted.ids
        let rest = distinct(batch.filter { !known.contains($0.order) })
        var verdicts = inserted.verdicts
        verdicts.merge(try FoundOrders.find(rest.map(\.order), on: session)) { _, found in found }
        let undecided = rest.filter { verdicts[$0.order] == nil }
        if !undecided.isEmpty { verdicts.merge(try SerializedCommit.run(undecided, on: session)) { _, judged in judged } }
        return merge(verdicts)
    }

    /// In the order of the batch.
    private func merge(_ verdicts: [OrderID: CommitVerdict]) -> CommitVerdicts {
        CommitVerdicts(batch.map { verdicts[$0.order] ?? .rejected(.unknownItem) })
    }

    /// Each id once, where it stands first.
    private func distinct(_ orders: [Reservation]) -> [Reservation] {
        var seen: Set<OrderID> = []
        return orders.filter { seen.insert($0.order).inserted }
    }
}
