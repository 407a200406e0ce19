import DequeModule
import HeapModule
import SaleCore

/// The orders of one lane that Postgres has not judged yet, and who waits for each.
struct PendingCommits {
    struct Waiting {
        var waiter: any PurchaseWaiter
        /// Nanoseconds of the monotonic clock.
        var deadline: UInt64
    }

    struct Entry {
        var order: Order
        /// Whose purchase it is, while he waits. Not in a list, because nearly always nobody else does.
        var first: Waiting?
        /// Who repeated the purchase while it was under way.
        var repeated: [Waiting] = []

        /// Takes out those whose wait is over at `now`.
        fileprivate mutating func removeExpired(at now: UInt64) -> Entry? {
            var expired = Entry(order: order)
            if let first, first.deadline <= now { (expired.first, self.first) = (first, nil) }
            expired.repeated = repeated.filter { $0.deadline <= now }
            repeated.removeAll { $0.deadline <= now }
            return expired.isEmpty ? nil : expired
        }

        fileprivate var isEmpty: Bool { first == nil && repeated.isEmpty }
    }

    private struct Deadline: Comparable {
        var instant: UInt64
        var order: OrderID

        static func < (a: Self, b: Self) -> Bool {
            a.instant == b.instant ? a.order < b.order : a.instant < b.instant
        }
    }

    private var entries: [OrderID: Entry] = [:]
    /// In the order of their instants, as they come when everybody waits equally long.
    private var inTurn: Deque<Deadline> = []
    /// Of those who wait less long than somebody before them.
    private var outOfTurn = Heap<Deadline>()

    /// Nanoseconds of the monotonic clock, and perhaps that of an order that was judged meanwhile; `nil` when none is left.
    var nextDeadline: UInt64? {
        guard let first = inTurn.first else { return outOfTurn.min?.instant }
        return outOfTurn.min.map { min($0.instant, first.instant) } ?? first.instant
    }

    mutating func insert(_ order: Order, waiter: any PurchaseWaiter, deadline: UInt64) {
        entries[order.id] = Entry(order: order, first: Waiting(waiter: waiter, deadline: deadline))
        insert(Deadline(instant: deadline, order: order.id))
    }

    /// Lets `waiter` hear the same verdict as the first; `false` when the order is not waited for here.
    mutating func join(_ id: OrderID, waiter: any PurchaseWaiter, deadline: UInt64) -> Bool {
        guard entries[id] != nil else { return false }
        entries[id]?.repeated.append(Waiting(waiter: waiter, deadline: deadline))
        insert(Deadline(instant: deadline, order: id))
        return true
    }

    private mutating func insert(_ deadline: Deadline) {
        if let last = inTurn.last, deadline.instant < last.instant { outOfTurn.insert(deadline) } else { inTurn.append(deadline) }
    }

    mutating func remove(_ id: OrderID) -> Entry? {
        entries.removeValue(forKey: id)
    }

    /// Forgets the deadlines of orders that were judged, of either kind up to the first one that was not: with a wait of half a minute they would be many.
    mutating func forgetDeadlinesOfJudged() {
        while let first = inTurn.first, isJudged(first.order) { inTurn.removeFirst() }
        while let first = outOfTurn.min, isJudged(first.order) { outOfTurn.removeMin() }
    }

    private func isJudged(_ id: OrderID) -> Bool { entries.index(forKey: id) == nil }

    /// Removes the next order's waiters whose wait is over at `now`; `nil` when there are none.
    mutating func removeExpired(at now: UInt64) -> Entry? {
        while let first = removeDeadline(upTo: now) {
            guard let expired = entries[first.order]?.removeExpired(at: now) else { continue }
            if entries[first.order]?.isEmpty == true { entries[first.order] = nil }
            return expired
        }
        return nil
    }

    private mutating func removeDeadline(upTo now: UInt64) -> Deadline? {
        guard let next = nextDeadline, next <= now else { return nil }
        return inTurn.first?.instant == next ? inTurn.removeFirst() : outOfTurn.removeMin()
    }
}
