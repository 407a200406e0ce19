import FlowControl
import SaleCore
import Synchronization

/// A granted order on its way to Postgres, and who waits for it.
package struct QueuedOrder: Sendable, Equatable {
    package var reservation: Reservation
    /// The index of the purchase lane that granted it.
    package var lane: Int
    /// Where it is among those that are waited for on that lane; `nil` when nobody waits.
    package var slot: CommitSlot?

    package init(reservation: Reservation, lane: Int, slot: CommitSlot? = nil) {
        self.reservation = reservation
        self.lane = lane
        self.slot = slot
    }
}

/// The bounded hand-over from the event loops to the writers: one lock per batch of grants, one
/// wake-up per batch of commits.
package final class OrderQueue: Sendable {
    private struct Inner {
        var queue: BoundedQueue<QueuedOrder>
        /// Those that sleep; the last is woken first, its memory being the warmest.
        var sleepers: [CheckedContinuation<Void, Never>] = []
        /// One was woken and has not looked yet: a second would find nothing.
        var isWaking = false

        mutating func sleeperToWake() -> CheckedContinuation<Void, Never>? {
            guard queue.isReady, !isWaking, let sleeper = sleepers.popLast() else { return nil }
            isWaking = true
            return sleeper
        }

        mutating func removeSleepers() -> [CheckedContinuation<Void, Never>] {
            defer { sleepers = [] }
            return sleepers
        }
    }

    private let inner: Mutex<Inner>

    /// - Parameter capacity: in orders; no smaller than the number of purchases that are admitted
    ///   at once, so that what Redis granted always fits.
    package init(capacity: Int) {
        inner = Mutex(Inner(queue: BoundedQueue(capacity: capacity)))
    }

    package var count: Int { inner.withLock { $0.queue.count } }

    /// `false` when the orders do not fit or the queue is closed: they stay in the reservation log,
    /// where the sweep finds them.
    package func append(_ orders: [QueuedOrder]) -> Bool {
        let (isAccepted, sleeper) = inner.withLock { inner in
            (inner.queue.append(contentsOf: orders), inner.sleeperToWake())
        }
        sleeper?.resume()
        return isAccepted
    }

    /// What is there, in order, without waiting, for somebody who judges it at once.
    package func takeReady(countMax: Int) -> [QueuedOrder] {
        inner.withLock { inner in
            let orders = inner.queue.take(countMax: countMax)
            inner.queue.ended(count: orders.count)
            return orders
        }
    }

    /// The next batch, in order; `nil` when the queue is closed and empty, or when the task is
    /// cancelled.
    ///
    /// - Parameter ended: how many orders the batch had that this consumer took before and that is
    ///   over now.
    package func next(ended: Int, countMax: Int) async -> [QueuedOrder]? {
        inner.withLock { $0.queue.ended(count: ended) }
        return await withTaskCancellationHandler {
            await nextUnlessCancelled(countMax: countMax)
        } onCancel: {
            for sleeper in inner.withLock({ $0.removeSleepers() }) { sleeper.resume() }
        }
    }

    private func nextUnlessCancelled(countMax: Int) async -> [QueuedOrder]? {
        while !Task.isCancelled {
            let (orders, isFinished, sleeper) = inner.withLock { inner in
                inner.isWaking = false
                let orders = inner.queue.take(countMax: countMax)
                // What it leaves may be a batch of its own.
                return (orders, inner.queue.isFinished, inner.sleeperToWake())
            }
            sleeper?.resume()
            guard orders.isEmpty else { return orders }
            if isFinished { return nil }
            await withCheckedContinuation { continuation in
                let isOvertaken = inner.withLock { inner -> Bool in
                    // Something may have arrived between the look and the sleep.
                    if Task.isCancelled || inner.queue.isReady || inner.queue.isFinished { return true }
                    inner.sleepers.append(continuation)
                    return false
                }
                if isOvertaken { continuation.resume() }
            }
        }
        // It may have been woken for what another one takes now.
        let sleeper = inner.withLock { inner in
            inner.isWaking = false
            return inner.sleeperToWake()
        }
        sleeper?.resume()
        return nil
    }

    /// No more orders are taken; those that are there still go out.
    package func close() {
        let sleepers = inner.withLock { inner in
            inner.queue.close()
            return inner.removeSleepers()
        }
        for sleeper in sleepers { sleeper.resume() }
    }
}
