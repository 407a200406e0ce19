import NIOCore
import SaleCore

/// Those who wait on one lane for Postgres's verdict, and the timer that ends the waits that were
/// promised. Confined to the lane's event loop.
final class CommitWaiters {
    private let eventLoop: any EventLoop
    private let runtime: Runtime
    private var pending = PendingCommits()
    private var timer: (instant: MonotonicInstant, scheduled: Scheduled<Void>)?

    init(eventLoop: any EventLoop, runtime: Runtime) {
        self.eventLoop = eventLoop
        self.runtime = runtime
    }

    /// - Parameter deadline: when the waiter hears that the order is reserved.
    func insert(_ order: Order, isKeyed: Bool, waiter: any PurchaseWaiter, deadline: MonotonicInstant) -> CommitSlot {
        defer { arm(for: deadline) }
        return pending.insert(order, isKeyed: isKeyed, waiter: waiter, deadline: deadline)
    }

    /// `false` when the order, which was made under a key, is not waited for here.
    func join(_ order: OrderID, waiter: any PurchaseWaiter, deadline: MonotonicInstant) -> Bool {
        guard pending.join(order, waiter: waiter, deadline: deadline) else { return false }
        arm(for: deadline)
        return true
    }

    /// Takes an order out that is judged, or never will be here; `nil` when nobody waits for it any
    /// more.
    func remove(_ order: OrderID, at slot: CommitSlot?) -> PendingCommits.Entry? {
        slot.flatMap { pending.remove(order, at: $0) }
    }

    /// After a batch of verdicts.
    func forgetDeadlinesOfJudged() { pending.forgetDeadlinesOfJudged() }

    private func arm(for deadline: MonotonicInstant) {
        if let timer {
            guard deadline < timer.instant else { return }
            timer.scheduled.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = (deadline, eventLoop.scheduleTask(deadline: .uptimeNanoseconds(deadline.nanoseconds)) { bound.value.fired() })
    }

    private func fired() {
        timer = nil
        let now = runtime.now()
        while let entry = pending.removeExpired(at: now) { entry.endAsReserved() }
        if let next = pending.nextDeadline { arm(for: next) }
    }
}

extension PendingCommits.Entry {
    /// Tells everybody; `outcome` is asked whether it is for a repetition.
    func end(_ outcome: (_ isReplay: Bool) -> PurchaseOutcome) {
        first?.waiter.purchaseEnded(outcome(false))
        for waiting in repeated { waiting.waiter.purchaseEnded(outcome(true)) }
    }

    func endAsReserved() {
        end { .reserved(order, isReplay: $0) }
    }

    /// - Parameter terms: Postgres's; those that the lane knew may be older.
    consuming func endAsCommitted(under terms: OrderTerms) {
        order.state = .awaitingPayment
        order.unitPrice = terms.unitPrice
        order.currency = terms.currency
        order.payBy = order.createdAt.advanced(milliseconds: terms.payWithinMilliseconds)
        end { [order] in .committed(order, isReplay: $0) }
    }
}
