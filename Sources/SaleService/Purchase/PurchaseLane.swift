import FlowControl
package import NIOCore
package import SaleCore

/// The purchase path of one event loop: gate, batch, script, hand-over to the writer, and the way back. Confined to its loop: no locks,
/// no tasks, no hops.
package final class PurchaseLane {
    let index: Int
    let eventLoop: any EventLoop
    let store: any ReservationLane
    let queue: OrderQueue
    let admission: Admission
    let replays: ReplayLookup
    let metrics: ServiceMetrics
    let attention: CatalogAttention
    private let unknowns: UnknownOrders
    private let errands: LaneErrands
    private let runtime: Runtime
    private var pending = PendingCommits()
    private var counters: [String: SaleCounter] = [:]
    /// Counters that know of an item sold out since the last look.
    private var marked: [SaleCounter] = []
    /// Sales that are no more, whose last purchases are under way.
    private var leaving: Set<SaleID> = []
    private var ids: OrderIDGenerator<Xoshiro256>
    private var clock = StockClock(offsetMilliseconds: 0)
    /// The service is stopping: new purchases are refused, those under way go on.
    var isDraining = false
    private var deadlineTimer: (instant: UInt64, timer: Scheduled<Void>)?

    package init(
        index: Int, eventLoop: any EventLoop, store: any ReservationLane, queue: OrderQueue, admission: Admission, replays: ReplayLookup,
        unknowns: UnknownOrders, errands: LaneErrands, metrics: ServiceMetrics, attention: CatalogAttention, runtime: Runtime
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.store = store
        self.queue = queue
        self.admission = admission
        self.replays = replays
        self.unknowns = unknowns
        self.errands = errands
        self.metrics = metrics
        self.attention = attention
        self.runtime = runtime
        ids = OrderIDGenerator(random: Xoshiro256(seed: (runtime.random(), runtime.random(), runtime.random(), runtime.random())))
    }

    // MARK: The gate

    package func counter(of sale: some StringProtocol) -> SaleCounter? {
        counters[String(sale)]
    }

    /// Redis's clock, estimated.
    package func time(at now: UInt64) -> Timestamp { clock.time(at: now) }

    /// What memory alone can refuse, before anything of the request but its path is looked at; `nil` lets it pass.
    ///
    /// - Parameter hasKey: a purchase under a key may be the repetition of one that succeeded: it is not refused for a reason that a later event brought about.
    package func refusalFromMemory(_ counter: SaleCounter, hasKey: Bool, at now: UInt64) -> PurchaseRefusal? {
        if isDraining { return .draining }
        let time = clock.time(at: now)
        switch counter.sale.phase(at: time, isSoldOut: counter.isSoldOut) {
        case .notStarted: return .notStarted(opensAt: counter.sale.opensAt, now: time)
        case .paused: return hasKey ? nil : .paused
        case .closed: return hasKey && !counter.sale.isForgotten(at: time) ? nil : .closed
        case .soldOut: return hasKey ? nil : .soldOut
        case .open: return nil
        }
    }

    package func update(_ update: LaneUpdate) {
        clock = update.clock
        for counter in marked { counter.forgetMarks() }
        marked.removeAll(keepingCapacity: true)
        for snapshot in update.changed {
            leaving.remove(snapshot.id)
            if let counter = counters[snapshot.id.rawValue] {
                counter.update(snapshot, readAt: update.startedAt)
            } else {
                counters[snapshot.id.rawValue] = SaleCounter(snapshot)
            }
        }
        leaving.formUnion(update.removed)
        for id in leaving where counters[id.rawValue]?.waiting.isEmpty != false {
            counters[id.rawValue] = nil
            leaving.remove(id)
        }
        if let run = store.run, let seen = update.run, run != seen { store.identifyAgain() }
    }

    // MARK: In

    /// Decides `purchase` and tells `waiter`, perhaps before this returns.
    package func submit(_ purchase: Purchase, to counter: SaleCounter, waiter: any PurchaseWaiter) {
        guard let item = counter.item(purchase.sku) else { return waiter.purchaseEnded(.refused(.unknownSKU)) }
        if purchase.key == nil, counter.isSoldOut(purchase.sku) { return waiter.purchaseEnded(.refused(.soldOut)) }
        guard isSelling(counter) else { return waiter.purchaseEnded(.refused(.recovering)) }
        guard admission.admit(at: purchase.arrivedAt) else { return waiter.purchaseEnded(.refused(.overloaded)) }
        counter.waiting.append(
            SaleCounter.Waiting(
                request: ReservationRequest(
                    order: ids.next(at: clock.time(at: purchase.arrivedAt), hint: counter.hint), user: purchase.user, sku: purchase.sku,
                    quantity: purchase.quantity, key: purchase.key),
                item: item, waiter: waiter, arrivedAt: purchase.arrivedAt, waitNanoseconds: purchase.waitNanoseconds))
        perform(counter.gate.itemArrived(), on: counter)
    }

    /// The sale's numbers are proven, on the very Redis that this lane talks to.
    private func isSelling(_ counter: SaleCounter) -> Bool {
        counter.isProven && store.run == counter.sale.provenRun
    }

    private func perform(_ action: BatchGate.Action, on counter: SaleCounter) {
        switch action {
        case .none: break
        case .scheduleFlush:
            let bound = NIOLoopBound((self, counter), eventLoop: eventLoop)
            eventLoop.execute {
                let (lane, counter) = bound.value
                lane.perform(counter.gate.flushDue(waiting: counter.waiting.count), on: counter)
            }
        case .send(let count): send(counter.removeWaiting(count), of: counter)
        }
    }

    private func send(_ batch: [SaleCounter.Waiting], of counter: SaleCounter) {
        let now = runtime.now()
        var live = batch
        if live.indices.contains(where: { live[$0].isOverdue(at: now) }) {
            giveUp(live.filter { $0.isOverdue(at: now) }.map { ($0, .recovering) }, of: counter)
            live.removeAll { $0.isOverdue(at: now) }
        }
        guard !live.isEmpty, isSelling(counter) else {
            let unknown = live.filter(\.isUnknown)
            for waiting in live where !waiting.isUnknown { end(waiting, .refused(.recovering)) }
            return retryLater(unknown, of: counter)
        }
        let epoch = counter.sale.epoch
        metrics.batchSent(requests: live.count)
        store.reserve(ReservationBatch(sale: counter.id, epoch: epoch, requests: live.map(\.request))) { result in
            self.batchEnded(live, of: counter, epoch: epoch, sentAt: now, result)
        }
    }

    private func batchEnded(
        _ batch: [SaleCounter.Waiting], of counter: SaleCounter, epoch: Int64, sentAt: UInt64, _ result: Result<ReservationReply, StoreError>
    ) {
        let now = runtime.now()
        metrics.batchAnswered(in: now - sentAt)
        switch result {
        case .success(.decided(let time, let verdicts)):
            clock = StockClock(reading: time, at: now)
            settle(batch, verdicts, of: counter, epoch: epoch, grantedAt: time, now: now)
        case .success(.notLoaded), .success(.staleEpoch), .failure(.scriptMissing):
            if case .failure = result { attention.scriptMissing() }
            counter.suspect(at: now)
            attention.look(at: counter.id)
            return refuseOrRetry(batch, of: counter)
        case .failure(.notSent), .failure(.refused):
            return refuseOrRetry(batch, of: counter)
        case .failure(.outcomeUnknown):
            return retryLater(batch.map { $0.asUnknown(epoch: epoch, at: clock.time(at: now)) }, of: counter)
        }
        perform(counter.gate.batchEnded(waiting: counter.waiting.count), on: counter)
    }

    private func refuseOrRetry(_ batch: [SaleCounter.Waiting], of counter: SaleCounter) {
        for waiting in batch where !waiting.isUnknown { end(waiting, .refused(.recovering)) }
        retryLater(batch.filter(\.isUnknown), of: counter)
    }

    /// Sends `unknown` again after a moment, ahead of what waits: the script grants an order that it granted before once more, without a second unit.
    private func retryLater(_ unknown: [SaleCounter.Waiting], of counter: SaleCounter) {
        guard !unknown.isEmpty else {
            return perform(counter.gate.batchEnded(waiting: counter.waiting.count), on: counter)
        }
        counter.waiting.insert(contentsOf: unknown, at: 0)
        let bound = NIOLoopBound((self, counter), eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.unknownRetryDelay) {
            let (lane, counter) = bound.value
            lane.perform(counter.gate.batchEnded(waiting: counter.waiting.count), on: counter)
        }
    }

    private static let unknownRetryDelay = TimeAmount.milliseconds(20)

    /// Ends purchases that a call without an answer may have granted, or may yet grant, since a message can arrive after its sender gave up. Whatever Redis did or
    /// will do for them is undone, unless it stands in Postgres already; only then is the refusal true.
    private func giveUp(_ batch: [(waiting: SaleCounter.Waiting, refusal: PurchaseRefusal)], of counter: SaleCounter) {
        guard !batch.isEmpty else { return }
        metrics.abandoned(batch.count)
        let reservations = batch.map { waiting, _ in
            Reservation(
                waiting.request, of: counter.id, epoch: waiting.unknown?.epoch ?? counter.sale.epoch,
                grantedAt: waiting.unknown?.sentAt ?? clock.time(at: runtime.now()))
        }
        let bound = NIOLoopBound((self, batch), eventLoop: eventLoop)
        let isBegun = errands.begin { [unknowns, eventLoop, id = counter.id] in
            let verdicts = await unknowns.abandon(reservations, of: id)
            eventLoop.execute {
                let (lane, batch) = bound.value
                for (index, (waiting, refusal)) in batch.enumerated() {
                    switch verdicts?[index] {
                    case .committed(let order): lane.end(waiting, .committed(order.asFirstAnswered, isReplay: false))
                    case .rejected(.abandoned): lane.end(waiting, .refused(refusal))
                    case .rejected(let rejection): lane.end(waiting, .refused(rejection.asRefusal))
                    case nil: lane.end(waiting, .refused(.recovering))
                    }
                }
            }
        }
        guard !isBegun else { return }
        unknowns.putOff(reservations)
        for (waiting, _) in batch { end(waiting, .refused(.recovering)) }
    }

    // MARK: Out

    private func settle(
        _ batch: [SaleCounter.Waiting], _ verdicts: [ReservationVerdict], of counter: SaleCounter, epoch: Int64, grantedAt: Timestamp, now: UInt64
    ) {
        var granted: [QueuedOrder] = []
        granted.reserveCapacity(batch.count)
        var doubtful: [(waiting: SaleCounter.Waiting, refusal: PurchaseRefusal)] = []
        func refuse(_ waiting: SaleCounter.Waiting, _ refusal: PurchaseRefusal) {
            if waiting.isUnknown { doubtful.append((waiting, refusal)) } else { end(waiting, .refused(refusal)) }
        }
        for index in batch.indices {
            switch verdicts[index] {
            case .granted:
                let reservation = Reservation(batch[index].request, of: counter.id, epoch: epoch, grantedAt: grantedAt)
                granted.append(QueuedOrder(reservation: reservation, lane: self.index))
                awaitCommit(of: reservation, batch[index], in: counter.sale, now: now)
            case .replayed(let order): replay(order, batch[index], of: counter)
            case .keyMismatch: end(batch[index], .refused(.keyMismatch))
            case .limitReached(let order): refuse(batch[index], .limitReached(order))
            case .soldOut(let left):
                if left <= 0, counter.markSoldOut(batch[index].request.sku) { marked.append(counter) }
                refuse(batch[index], .soldOut)
            case .notStarted: refuse(batch[index], .notStarted(opensAt: counter.sale.opensAt, now: grantedAt))
            case .paused: refuse(batch[index], .paused)
            case .closed: refuse(batch[index], .closed)
            case .unknownSKU: refuse(batch[index], .unknownSKU)
            }
        }
        giveUp(doubtful, of: counter)
        guard !granted.isEmpty, !queue.append(granted) else { return }
        // The writer has stopped: the reservation log has them, and some node's sweep will finish them.
        admission.release(granted.count)
        for order in granted { pending.remove(order.reservation.order)?.endAsReserved() }
    }

    /// Ends a purchase that Postgres will not hear of.
    private func end(_ waiting: SaleCounter.Waiting, _ outcome: PurchaseOutcome) {
        admission.release(1)
        waiting.waiter.purchaseEnded(outcome)
    }

    private func awaitCommit(of reservation: Reservation, _ waiting: SaleCounter.Waiting, in sale: Sale, now: UInt64) {
        let order = Order(reserved: reservation, item: waiting.item, payWithinMilliseconds: sale.payWithinMilliseconds)
        guard waiting.deadline > now else { return waiting.waiter.purchaseEnded(.reserved(order, isReplay: false)) }
        pending.insert(order, waiter: waiting.waiter, deadline: waiting.deadline)
        armDeadlineTimer()
    }

    private func replay(_ order: OrderID, _ waiting: SaleCounter.Waiting, of counter: SaleCounter) {
        if pending.join(order, waiter: waiting.waiter, deadline: waiting.deadline) {
            admission.release(1)
            return armDeadlineTimer()
        }
        let bound = NIOLoopBound((self, waiting), eventLoop: eventLoop)
        let isBegun = errands.begin { [replays, eventLoop, sale = counter.id, deadline = waiting.deadline] in
            let outcome = await replays.outcome(of: order, in: sale, deadline: deadline)
            eventLoop.execute {
                let (lane, waiting) = bound.value
                lane.end(waiting, outcome)
            }
        }
        if !isBegun { end(waiting, .refused(.inProgress)) }
    }

    /// The writer's verdicts on a batch, some of which is this lane's.
    package func deliver(_ batch: JudgedBatch) {
        admission.release(batch.orders.indices.count { batch.orders[$0].lane == index })
        // A batch is nearly always of one sale; others are looked for by name.
        var settlement: Settlement?
        var others: [SaleID: Settlement] = [:]
        // By index, as a copy of an order retains each of its names.
        for position in batch.orders.indices where batch.orders[position].lane == index {
            let sale = batch.orders[position].reservation.sale
            if settlement == nil {
                settlement = Settlement(sale: sale)
                settlement?.committed.reserveCapacity(batch.orders.count)
            }
            if settlement?.sale == sale {
                settlement?.add(batch.orders[position].reservation, batch.verdicts[position])
            } else {
                others[sale, default: Settlement(sale: sale)].add(batch.orders[position].reservation, batch.verdicts[position])
            }
            guard let entry = pending.remove(batch.orders[position].reservation.order) else { continue }
            switch batch.verdicts[position] {
            case .committed(let order): entry.end { .committed(order.asFirstAnswered, isReplay: $0) }
            case .rejected(let rejection): entry.end { _ in .refused(rejection.asRefusal) }
            }
        }
        pending.forgetDeadlinesOfJudged()
        if let settlement { store.settle(settlement) }
        for settlement in others.values { store.settle(settlement) }
    }

    // MARK: The promised wait

    private func armDeadlineTimer() {
        guard let deadline = pending.nextDeadline else { return }
        if let deadlineTimer {
            guard deadline < deadlineTimer.instant else { return }
            deadlineTimer.timer.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(deadline: NIODeadline.uptimeNanoseconds(deadline)) {
            bound.value.deadlineTimerFired()
        }
        deadlineTimer = (deadline, timer)
    }

    private func deadlineTimerFired() {
        deadlineTimer = nil
        let now = runtime.now()
        while let entry = pending.removeExpired(at: now) { entry.endAsReserved() }
        armDeadlineTimer()
    }
}

extension PendingCommits.Entry {
    /// Tells everybody; `outcome` is asked whether it is for a repetition.
    fileprivate func end(_ outcome: (_ isReplay: Bool) -> PurchaseOutcome) {
        first?.waiter.purchaseEnded(outcome(false))
        for waiting in repeated { waiting.waiter.purchaseEnded(outcome(true)) }
    }

    fileprivate func endAsReserved() {
        end { .reserved(order, isReplay: $0) }
    }
}

extension SaleCounter.Waiting {
    /// The first call without an answer counts: it is the one that may have granted.
    fileprivate func asUnknown(epoch: Int64, at instant: Timestamp) -> Self {
        var copy = self
        copy.unknown = unknown ?? SaleCounter.Unknown(epoch: epoch, sentAt: instant)
        return copy
    }
}

extension Reservation {
    init(_ request: ReservationRequest, of sale: SaleID, epoch: Int64, grantedAt: Timestamp) {
        self.init(
            order: request.order, sale: sale, sku: request.sku, user: request.user, quantity: request.quantity, key: request.key, epoch: epoch,
            grantedAt: grantedAt)
    }
}

extension CommitVerdict.Rejection {
    /// What a buyer hears who still waits, or who repeats the purchase.
    var asRefusal: PurchaseRefusal {
        switch self {
        case .noUnits, .unknownItem: .soldOut
        case .conflict: .limitReached(nil)
        case .abandoned: .recovering
        }
    }
}
