import FlowControl
import SaleCore
import Synchronization

/// A granted order on its way to Postgres, and who waits for it.
package struct QueuedOrder: Sendable, Equatable {
    package var reservation: Reservation
    /// The index of the purchase lane that granted it.
    package var lane: Int

    package init(reservation: Reservation, lane: Int) {
        self.reservation = reservation
        self.lane = lane
    }
}

/// The bounded hand-over from the event loops to the writer: one lock per batch of grants, one wake-up per batch of commits.
package final class OrderQueue: Sendable {
    private struct Inner {
        var queue: BoundedQueue<QueuedOrder>
        var consumer: CheckedContinuation<Void, Never>?
    }

    private let inner: Mutex<Inner>

    /// - Parameter capacity: in orders; no smaller than the number of purchases that are admitted at once, so that what Redis granted always fits.
    package init(capacity: Int) {
        inner = Mutex(Inner(queue: BoundedQueue(capacity: capacity), consumer: nil))
    }

    package var count: Int { inner.withLock { $0.queue.count } }

    /// `false` when the orders do not fit or the queue is closed: they stay in the reservation log, where the sweep finds them.
    package func append(_ orders: [QueuedOrder]) -> Bool {
        let (accepted, consumer) = inner.withLock { inner -> (Bool, CheckedContinuation<Void, Never>?) in
            switch inner.queue.append(contentsOf: orders) {
            case .none: return (true, nil)
            case .wakeConsumer: return (true, inner.consumer.take())
            case .refuse: return (false, nil)
            }
        }
        consumer?.resume()
        return accepted
    }

    /// The next batch, in order; `nil` when the queue is closed and empty, or when the task is cancelled. For one consumer.
    package func next(countMax: Int) async -> [QueuedOrder]? {
        await withTaskCancellationHandler {
            await nextUnlessCancelled(countMax: countMax)
        } onCancel: {
            inner.withLock { $0.consumer.take() }?.resume()
        }
    }

    private func nextUnlessCancelled(countMax: Int) async -> [QueuedOrder]? {
        while !Task.isCancelled {
            let action = inner.withLock { $0.queue.take(countMax: countMax) }
            switch action {
            case .take(let orders): return orders
            case .finish: return nil
            case .sleep:
                await withCheckedContinuation { continuation in
                    let isOvertaken = inner.withLock { inner -> Bool in
                        // Something may have arrived between the look and the sleep.
                        if !Task.isCancelled, case .sleep = inner.queue.take(countMax: 0) {
                            inner.consumer = continuation
                            return false
                        }
                        return true
                    }
                    if isOvertaken { continuation.resume() }
                }
            }
        }
        return nil
    }

    /// No more orders are taken; those that are there still go out.
    package func close() {
        let consumer = inner.withLock { inner -> CheckedContinuation<Void, Never>? in
            inner.queue.close() == .wakeConsumer ? inner.consumer.take() : nil
        }
        consumer?.resume()
    }
}
