import DequeModule
import HeapModule
import SaleCore

/// A place in a lane's `PendingCommits`. Another order may have it once its own is out.
package struct CommitSlot: Sendable, Hashable {
    fileprivate let index: UInt32
}

/// The orders of one lane that Postgres has not judged yet and that somebody waits for.
///
/// They lie in a slab: whoever brings a verdict knows the order's place, so that nothing is hashed.
/// Only orders under a key can be repeated, and only these are found by their ids.
struct PendingCommits {
    struct Waiting {
        var waiter: any PurchaseWaiter
        var deadline: MonotonicInstant
    }

    struct Entry {
        var order: Order
        var isKeyed: Bool
        /// Whose purchase it is, while he waits. Not in a list, because nearly always nobody else
        /// does.
        var first: Waiting?
        /// Who repeated the purchase while it was under way.
        var repeated: [Waiting] = []

        /// Takes out those whose wait is over at `now`.
        fileprivate mutating func removeExpired(at now: MonotonicInstant) -> Entry? {
            var expired = Entry(order: order, isKeyed: isKeyed)
            if let first, first.deadline <= now { (expired.first, self.first) = (first, nil) }
            expired.repeated = repeated.filter { $0.deadline <= now }
            repeated.removeAll { $0.deadline <= now }
            return expired.isEmpty ? nil : expired
        }

        fileprivate var isEmpty: Bool { first == nil && repeated.isEmpty }
    }

    private struct Deadline: Comparable {
        var instant: MonotonicInstant
        var order: OrderID
        var slot: CommitSlot

        static func < (a: Self, b: Self) -> Bool {
            a.instant == b.instant ? a.order < b.order : a.instant < b.instant
        }
    }

    /// As many as ever waited at once, which admission bounds.
    private var entries: [Entry?] = []
    private var free: [CommitSlot] = []
    private var keyed: [OrderID: CommitSlot] = [:]
    /// In the order of their instants, as they come when everybody waits equally long.
    private var inTurn: Deque<Deadline> = []
    /// Of those who wait less long than somebody before them.
    private var outOfTurn = Heap<Deadline>()

    /// Perhaps that of an order that was judged meanwhile; `nil` when none is left.
    var nextDeadline: MonotonicInstant? {
        guard let first = inTurn.first else { return outOfTurn.min?.instant }
        return outOfTurn.min.map { min($0.instant, first.instant) } ?? first.instant
    }

    /// - Returns: where the order is until it is removed.
    mutating func insert(_ order: Order, isKeyed: Bool, waiter: any PurchaseWaiter, deadline: MonotonicInstant) -> CommitSlot {
        let entry = Entry(order: order, isKeyed: isKeyed, first: Waiting(waiter: waiter, deadline: deadline))
        let slot: CommitSlot
        if let last = free.popLast() {
            slot = last
            entries[Int(slot.index)] = entry
        } else {
            slot = CommitSlot(index: UInt32(entries.count))
            entries.append(entry)
        }
        if isKeyed { keyed[order.id] = slot }
        insert(Deadline(instant: deadline, order: order.id, slot: slot))
        return slot
    }

    /// Lets `waiter` hear the same verdict as the first; `false` when no order of this id and under
    /// a key is waited for here.
    mutating func join(_ id: OrderID, waiter: any PurchaseWaiter, deadline: MonotonicInstant) -> Bool {
        guard let slot = keyed[id] else { return false }
        entries[Int(slot.index)]?.repeated.append(Waiting(waiter: waiter, deadline: deadline))
        insert(Deadline(instant: deadline, order: id, slot: slot))
        return true
    }

    private mutating func insert(_ deadline: Deadline) {
        if let last = inTurn.last, deadline.instant < last.instant { outOfTurn.insert(deadline) } else { inTurn.append(deadline) }
    }

    /// `nil` when nobody waits any more for the order of this id that was put there.
    mutating func remove(_ id: OrderID, at slot: CommitSlot) -> Entry? {
        isWaitedFor(id, at: slot) ? take(slot) : nil
    }

    private func isWaitedFor(_ id: OrderID, at slot: CommitSlot) -> Bool { entries[Int(slot.index)]?.order.id == id }

    private mutating func take(_ slot: CommitSlot) -> Entry? {
        guard let entry = entries[Int(slot.index)].take() else { return nil }
        free.append(slot)
        if entry.isKeyed { keyed[entry.order.id] = nil }
        return entry
    }

    /// Forgets the deadlines of orders that were judged, of either kind up to the first one that
    /// was not: with a wait of half a minute they would be many.
    mutating func forgetDeadlinesOfJudged() {
        while let first = inTurn.first, !isWaitedFor(first.order, at: first.slot) { inTurn.removeFirst() }
        while let first = outOfTurn.min, !isWaitedFor(first.order, at: first.slot) { outOfTurn.removeMin() }
    }

    /// Removes the next order's waiters whose wait is over at `now`; `nil` when there are none.
    mutating func removeExpired(at now: MonotonicInstant) -> Entry? {
        while let first = removeDeadline(upTo: now) {
            guard isWaitedFor(first.order, at: first.slot), let expired = entries[Int(first.slot.index)]?.removeExpired(at: now) else { continue }
            if entries[Int(first.slot.index)]?.isEmpty == true { _ = take(first.slot) }
            return expired
        }
        return nil
    }

    private mutating func removeDeadline(upTo now: MonotonicInstant) -> Deadline? {
        guard let next = nextDeadline, next <= now else { return nil }
        return inTurn.first?.instant == next ? inTurn.removeFirst() : outOfTurn.removeMin()
    }
}
