import NIOCore
package import SaleCore

/// The purchase path of one event loop: gate, batch, script, hand-over to the writer, and the way
/// back. Confined to its loop: no locks, no tasks, no hops.
package final class PurchaseLane {
    private let index: Int
    private let node: LaneNode
    private let batches: ReservationBatches
    private let waiters: CommitWaiters
    private var laneSales: [String: LaneSale] = [:]
    /// The sale that was asked for last: in a flash sale nearly always the same.
    private var lastAsked: LaneSale?
    /// Sales that are no more, whose last purchases are under way.
    private var leaving: Set<SaleID> = []
    private var ids: OrderIDGenerator<Xoshiro256>
    /// The service is stopping: new purchases are refused, those under way go on.
    var isDraining = false

    init(index: Int, eventLoop: any EventLoop, store: any ReservationLane, node: LaneNode) {
        self.index = index
        self.node = node
        let runtime = node.context.runtime
        waiters = CommitWaiters(eventLoop: eventLoop, runtime: runtime)
        batches = ReservationBatches(index: index, eventLoop: eventLoop, store: store, waiters: waiters, node: node)
        ids = OrderIDGenerator(random: Xoshiro256(seed: (runtime.random(), runtime.random(), runtime.random(), runtime.random())))
    }

    // MARK: The gate

    package func laneSale(of sale: String) -> LaneSale? {
        if let lastAsked, lastAsked.id.rawValue == sale { return lastAsked }
        lastAsked = laneSales[sale]
        return lastAsked
    }

    /// - Parameter name: UTF-8; no text is made of it when it is the one that was asked for last.
    package func laneSale(named name: RawSpan) -> LaneSale? {
        if let lastAsked, lastAsked.isNamed(name) { return lastAsked }
        // Safe: the pointer does not leave the closure, and the text is a copy.
        return laneSale(of: unsafe name.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
    }

    /// Redis's clock, estimated.
    package func time(at now: MonotonicInstant) -> Timestamp { batches.clock.time(at: now) }

    /// What memory alone can refuse, before anything of the request but its path is looked at;
    /// `nil` lets it pass.
    ///
    /// - Parameter hasKey: a purchase under a key may be the repetition of one that succeeded: it
    ///   is not refused for a reason that a later event brought about.
    package func refusalFromMemory(_ laneSale: LaneSale, hasKey: Bool, at now: MonotonicInstant) -> PurchaseRefusal? {
        if isDraining { return .draining }
        let time = time(at: now)
        switch laneSale.sale.phase(at: time, isSoldOut: laneSale.isSoldOut) {
        case .notStarted: return .notStarted(opensAt: laneSale.sale.opensAt, now: time)
        case .paused: return hasKey ? nil : .paused
        case .closed: return hasKey && !laneSale.sale.isForgotten(at: time) ? nil : .closed
        case .soldOut: return hasKey ? nil : .soldOut
        case .open: return nil
        }
    }

    package func update(_ update: LaneUpdate) {
        batches.clock = update.clock
        batches.forgetMarks()
        for snapshot in update.changed {
            leaving.remove(snapshot.id)
            if let laneSale = laneSales[snapshot.id.rawValue] {
                laneSale.update(snapshot, readAt: update.startedAt)
            } else {
                laneSales[snapshot.id.rawValue] = LaneSale(snapshot)
            }
        }
        leaving.formUnion(update.removed)
        for id in leaving where laneSales[id.rawValue]?.waiting.isEmpty != false {
            laneSales[id.rawValue] = nil
            leaving.remove(id)
            lastAsked = nil
        }
        if let run = batches.store.run, let seen = update.run, run != seen { batches.store.identifyAgain() }
    }

    // MARK: In

    /// Decides `purchase`, which passed the gate, the buckets and the checks of its body, and tells
    /// `waiter`, perhaps before this returns.
    ///
    /// - Parameters:
    ///   - arrival: when it came.
    ///   - deadline: until when its buyer waits for the commit; `arrival` itself: answer as soon as
    ///     it is reserved.
    package func submit(
        _ purchase: Purchase, to laneSale: LaneSale, at arrival: MonotonicInstant, until deadline: MonotonicInstant, waiter: any PurchaseWaiter
    ) {
        guard let terms = laneSale.terms(of: purchase.sku) else { return waiter.purchaseEnded(.refused(.unknownSKU)) }
        if purchase.key == nil, laneSale.isSoldOut(purchase.sku) { return waiter.purchaseEnded(.refused(.soldOut)) }
        guard batches.isSelling(laneSale) else { return waiter.purchaseEnded(.refused(.recovering)) }
        guard node.admission.admit(at: arrival) else { return waiter.purchaseEnded(.refused(.overloaded)) }
        batches.append(
            LaneSale.Waiting(
                request: ReservationRequest(order: ids.next(at: time(at: arrival), hint: laneSale.hint), purchase: purchase),
                terms: terms, waiter: waiter, deadline: deadline),
            to: laneSale)
    }

    // MARK: Out

    /// The writer's verdicts on a batch, some of which is this lane's.
    package func deliver(_ batch: JudgedBatch) {
        node.admission.release(batch.orders.indices.count { batch.orders[$0].lane == index })
        if let terms = batch.verdicts.termsOfAll {
            deliver(batch.orders, committedUnder: terms)
        } else {
            deliver(batch.orders, batch.verdicts)
        }
        waiters.forgetDeadlinesOfJudged()
    }

    /// - Parameter orders: of one item.
    private func deliver(_ orders: [QueuedOrder], committedUnder terms: OrderTerms) {
        guard let first = orders.first else { return }
        var settlement = Settlement(sale: first.reservation.sale)
        settlement.committed.reserveCapacity(orders.count)
        // By index, as a copy of an order retains each of its names.
        for position in orders.indices where orders[position].lane == index {
            let id = orders[position].reservation.order
            settlement.committed.append(id)
            waiters.remove(id, at: orders[position].slot)?.endAsCommitted(under: terms)
        }
        if !settlement.committed.isEmpty { batches.store.settle(settlement) }
    }

    private func deliver(_ orders: [QueuedOrder], _ verdicts: CommitVerdicts) {
        var settlements: [SaleID: Settlement] = [:]
        for (order, verdict) in zip(orders, verdicts) where order.lane == index {
            let reservation = order.reservation
            settlements[reservation.sale, default: Settlement(sale: reservation.sale)].add(reservation, verdict)
            guard let entry = waiters.remove(reservation.order, at: order.slot) else { continue }
            switch verdict {
            case .committed(let order): entry.end { .committed(order.asFirstAnswered, isReplay: $0) }
            case .rejected(let rejection): entry.end { _ in .refused(rejection.asRefusal) }
            }
        }
        for settlement in settlements.values { batches.store.settle(settlement) }
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
