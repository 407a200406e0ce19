import HeapModule
import SaleCore

/// The orders of one lane that Postgres has not judged yet, and who waits for each.
struct PendingCommits {
    struct Entry {
        var order: Order
        var first: any PurchaseWaiter
        /// Repetitions of the same purchase that arrived meanwhile.
        var followers: [any PurchaseWaiter]

        /// Tells everybody; `outcome` is asked whether it is for a repetition.
        func end(_ outcome: (_ isReplay: Bool) -> PurchaseOutcome) {
            first.purchaseEnded(outcome(false))
            for follower in followers { follower.purchaseEnded(outcome(true)) }
        }
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
        entries[order.id] = Entry(order: order, first: waiter, followers: [])
        deadlines.insert(Deadline(instant: deadline, order: order.id))
    }

    /// Lets `waiter` hear the same verdict as the first; `false` when the order is not waited for here.
    mutating func join(_ id: OrderID, waiter: any PurchaseWaiter) -> Bool {
        guard entries[id] != nil else { return false }
        entries[id]?.followers.append(waiter)
        return true
    }

    mutating func remove(_ id: OrderID) -> Entry? {
        entries.removeValue(forKey: id)
    }

    /// Removes the next order whose wait is over at `now`.
    mutating func removeExpired(at now: UInt64) -> Entry? {
        while let first = deadlines.min, first.instant <= now {
            deadlines.removeMin()
            if let entry = entries.removeValue(forKey: first.order) { return entry }
        }
        return nil
    }
}
