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
    /// Holds orders that were judged meanwhile, too, until their instant passes: removing them early would cost more than they weigh.
    private var deadlines = Heap<Deadline>()

    /// Nanoseconds of the monotonic clock; `nil` when nobody waits.
    var nextDeadline: UInt64? { deadlines.min?.instant }

    mutating func insert(_ order: Order, waiter: any PurchaseWaiter, deadline: UInt64) {
        entries[order.id] = Entry(order: order, first: Waiting(waiter: waiter, deadline: deadline))
        deadlines.insert(Deadline(instant: deadline, order: order.id))
    }

    /// Lets `waiter` hear the same verdict as the first; `false` when the order is not waited for here.
    mutating func join(_ id: OrderID, waiter: any PurchaseWaiter, deadline: UInt64) -> Bool {
        guard entries[id] != nil else { return false }
        entries[id]?.repeated.append(Waiting(waiter: waiter, deadline: deadline))
        deadlines.insert(Deadline(instant: deadline, order: id))
        return true
    }

    mutating func remove(_ id: OrderID) -> Entry? {
        entries.removeValue(forKey: id)
    }

    /// Removes the next order's waiters whose wait is over at `now`; `nil` when there are none.
    mutating func removeExpired(at now: UInt64) -> Entry? {
        while let first = deadlines.min, first.instant <= now {
            deadlines.removeMin()
            guard let expired = entries[first.order]?.removeExpired(at: now) else { continue }
            if entries[first.order]?.isEmpty == true { entries[first.order] = nil }
            return expired
        }
        return nil
    }
}
