import FlowControl
import NIOCore
import SaleCore

/// Carries the purchases of one lane to Redis: those of a sale that arrive while a batch is under
/// way make the next one. What is granted goes on to the writer. Confined to the lane's event loop.
final class ReservationBatches {
    let store: any ReservationLane
    /// Redis's clock, estimated.
    var clock = StockClock(offsetMilliseconds: 0)
    private let index: Int
    private let eventLoop: any EventLoop
    private let node: LaneNode
    private let waiters: CommitWaiters
    private let search: OutcomeSearch
    /// Sales that know of an item sold out since the last look.
    private var marked: [LaneSale] = []

    private var runtime: Runtime { node.context.runtime }

    /// - Parameter index: of the lane.
    init(index: Int, eventLoop: any EventLoop, store: any ReservationLane, waiters: CommitWaiters, node: LaneNode) {
        self.index = index
        self.eventLoop = eventLoop
        self.store = store
        self.waiters = waiters
        self.node = node
        search = OutcomeSearch(eventLoop: eventLoop, node: node)
    }

    // MARK: In

    /// The sale's numbers are proven, on the very Redis that this lane talks to.
    func isSelling(_ laneSale: LaneSale) -> Bool {
        laneSale.isProven && store.run == laneSale.sale.provenRun
    }

    func append(_ waiting: LaneSale.Waiting, to laneSale: LaneSale) {
        laneSale.waiting.append(waiting)
        perform(laneSale.coalescer.itemArrived(), on: laneSale)
    }

    /// A look has told what is sold out by now.
    func forgetMarks() {
        for laneSale in marked { laneSale.forgetMarks() }
        marked.removeAll(keepingCapacity: true)
    }

    private func perform(_ action: BatchCoalescer.Action, on laneSale: LaneSale) {
        switch action {
        case .none: break
        case .scheduleFlush:
            let bound = NIOLoopBound((self, laneSale), eventLoop: eventLoop)
            eventLoop.execute {
                let (batches, laneSale) = bound.value
                batches.perform(laneSale.coalescer.flushDue(waiting: laneSale.waiting.count), on: laneSale)
            }
        case .send(let count): send(laneSale.removeWaiting(count), of: laneSale)
        }
    }

    private func send(_ batch: [LaneSale.Waiting], of laneSale: LaneSale) {
        let now = runtime.now()
        var live = batch
        if live.indices.contains(where: { live[$0].isOverdue(at: now) }) {
            search.giveUp(live.filter { $0.isOverdue(at: now) }.map { ($0, .recovering) }, of: laneSale, at: clock.time(at: now))
            live.removeAll { $0.isOverdue(at: now) }
        }
        guard !live.isEmpty, isSelling(laneSale) else {
            let unknown = live.filter(\.isUnknown)
            for waiting in live where !waiting.isUnknown { search.end(waiting, .refused(.recovering)) }
            return retryLater(unknown, of: laneSale)
        }
        let epoch = laneSale.sale.epoch
        node.context.metrics.batchSent(requests: live.count)
        store.reserve(ReservationBatch(sale: laneSale.id, epoch: epoch, requests: live.map(\.request))) { result in
            self.ended(live, of: laneSale, epoch: epoch, sentAt: now, result)
        }
    }

    private func ended(
        _ batch: [LaneSale.Waiting], of laneSale: LaneSale, epoch: Epoch, sentAt: MonotonicInstant, _ result: Result<ReservationReply, StoreError>
    ) {
        let now = runtime.now()
        node.context.metrics.batchAnswered(in: sentAt.duration(to: now))
        switch result {
        case .success(.decided(let time, let verdicts)):
            clock = StockClock(reading: time, at: now)
            settle(batch, verdicts, of: laneSale, epoch: epoch, grantedAt: time, now: now)
        case .success(.notLoaded), .success(.staleEpoch), .failure(.scriptMissing):
            if case .failure = result { node.refreshes.scriptMissing() }
            laneSale.suspect(at: now)
            node.refreshes.look(at: laneSale.id)
            return refuseOrRetry(batch, of: laneSale)
        case .failure(.notSent), .failure(.refused):
            return refuseOrRetry(batch, of: laneSale)
        case .failure(.outcomeUnknown):
            return retryLater(batch.map { $0.asUnknown(epoch: epoch, at: clock.time(at: now)) }, of: laneSale)
        }
        perform(laneSale.coalescer.batchEnded(waiting: laneSale.waiting.count), on: laneSale)
    }

    private func refuseOrRetry(_ batch: [LaneSale.Waiting], of laneSale: LaneSale) {
        for waiting in batch where !waiting.isUnknown { search.end(waiting, .refused(.recovering)) }
        retryLater(batch.filter(\.isUnknown), of: laneSale)
    }

    /// Sends `unknown` again after a moment, ahead of what waits: the script grants an order that
    /// it granted before once more, without a second unit.
    private func retryLater(_ unknown: [LaneSale.Waiting], of laneSale: LaneSale) {
        guard !unknown.isEmpty else {
            return perform(laneSale.coalescer.batchEnded(waiting: laneSale.waiting.count), on: laneSale)
        }
        laneSale.waiting.insert(contentsOf: unknown, at: 0)
        let bound = NIOLoopBound((self, laneSale), eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.unknownRetryDelay) {
            let (batches, laneSale) = bound.value
            batches.perform(laneSale.coalescer.batchEnded(waiting: laneSale.waiting.count), on: laneSale)
        }
    }

    private static let unknownRetryDelay = TimeAmount.milliseconds(20)

    // MARK: Out

    private func settle(
        _ batch: [LaneSale.Waiting], _ verdicts: [ReservationVerdict], of laneSale: LaneSale, epoch: Epoch, grantedAt: Timestamp,
        now: MonotonicInstant
    ) {
        var granted: [QueuedOrder] = []
        granted.reserveCapacity(batch.count)
        var doubtful: [(waiting: LaneSale.Waiting, refusal: PurchaseRefusal)] = []
        func refuse(_ waiting: LaneSale.Waiting, _ refusal: PurchaseRefusal) {
            if waiting.isUnknown { doubtful.append((waiting, refusal)) } else { search.end(waiting, .refused(refusal)) }
        }
        for position in batch.indices {
            switch verdicts[position] {
            case .granted:
                let reservation = Reservation(batch[position].request, of: laneSale.id, epoch: epoch, grantedAt: grantedAt)
                let slot = awaitCommit(of: reservation, batch[position], now: now)
                granted.append(QueuedOrder(reservation: reservation, lane: index, slot: slot))
            case .replayed(let order): replay(order, batch[position], of: laneSale)
            case .keyMismatch: search.end(batch[position], .refused(.keyMismatch))
            case .limitReached(let order): refuse(batch[position], .limitReached(order))
            case .soldOut(let left):
                if left <= 0, laneSale.markSoldOut(batch[position].request.sku) { marked.append(laneSale) }
                refuse(batch[position], .soldOut)
            case .notStarted: refuse(batch[position], .notStarted(opensAt: laneSale.sale.opensAt, now: grantedAt))
            case .paused: refuse(batch[position], .paused)
            case .closed: refuse(batch[position], .closed)
            case .unknownSKU: refuse(batch[position], .unknownSKU)
            }
        }
        search.giveUp(doubtful, of: laneSale, at: clock.time(at: now))
        guard !granted.isEmpty, !node.queue.append(granted) else { return }
        // The writer has stopped: the reservation log has them, and some node's sweep will finish
        // them.
        node.admission.release(granted.count)
        for order in granted { waiters.remove(order.reservation.order, at: order.slot)?.endAsReserved() }
    }

    /// - Returns: `nil` when the buyer does not wait.
    private func awaitCommit(of reservation: Reservation, _ waiting: LaneSale.Waiting, now: MonotonicInstant) -> CommitSlot? {
        let order = Order(reservation, under: waiting.terms, state: .reserved)
        guard waiting.deadline > now else {
            waiting.waiter.purchaseEnded(.reserved(order, isReplay: false))
            return nil
        }
        return waiters.insert(order, isKeyed: reservation.key != nil, waiter: waiting.waiter, deadline: waiting.deadline)
    }

    private func replay(_ order: OrderID, _ waiting: LaneSale.Waiting, of laneSale: LaneSale) {
        if waiters.join(order, waiter: waiting.waiter, deadline: waiting.deadline) {
            node.admission.release(1)
        } else {
            search.replay(order, waiting, of: laneSale)
        }
    }
}

extension LaneSale.Waiting {
    /// The first call without an answer counts: it is the one that may have granted.
    fileprivate func asUnknown(epoch: Epoch, at instant: Timestamp) -> Self {
        var copy = self
        copy.unknown = unknown ?? LaneSale.Unknown(epoch: epoch, sentAt: instant)
        return copy
    }
}
