import NIOCore
import SaleCore

/// Ends purchases of one lane whose outcome Redis's answer alone does not tell: Postgres is asked,
/// off the event loop. Confined to that loop.
final class OutcomeSearch {
    private let eventLoop: any EventLoop
    private let node: LaneNode

    init(eventLoop: any EventLoop, node: LaneNode) {
        self.eventLoop = eventLoop
        self.node = node
    }

    /// Ends purchases that a call without an answer may have granted, or may yet grant, since a
    /// message can arrive after its sender gave up. Whatever Redis did or will do for them is
    /// undone, unless it stands in Postgres already; only then is the refusal true.
    ///
    /// - Parameter instant: Redis's clock, estimated.
    func giveUp(_ batch: [(waiting: LaneSale.Waiting, refusal: PurchaseRefusal)], of laneSale: LaneSale, at instant: Timestamp) {
        guard !batch.isEmpty else { return }
        node.context.metrics.abandoned(batch.count)
        let reservations = batch.map { waiting, _ in
            Reservation(
                waiting.request, of: laneSale.id, epoch: waiting.unknown?.epoch ?? laneSale.sale.epoch, grantedAt: waiting.unknown?.sentAt ?? instant)
        }
        let bound = NIOLoopBound((self, batch), eventLoop: eventLoop)
        let isBegun = node.errands.begin { [unknowns = node.unknowns, eventLoop, id = laneSale.id] in
            let verdicts = await unknowns.abandon(reservations, of: id)
            eventLoop.execute {
                let (search, batch) = bound.value
                for (index, (waiting, refusal)) in batch.enumerated() { search.end(waiting, refusal, verdicts?[index]) }
            }
        }
        guard !isBegun else { return }
        node.unknowns.putOff(reservations)
        for (waiting, _) in batch { end(waiting, .refused(.recovering)) }
    }

    private func end(_ waiting: LaneSale.Waiting, _ refusal: PurchaseRefusal, _ verdict: CommitVerdict?) {
        switch verdict {
        case .committed(let order): end(waiting, .committed(order.asFirstAnswered, isReplay: false))
        case .rejected(.abandoned): end(waiting, .refused(refusal))
        case .rejected(let rejection): end(waiting, .refused(rejection.asRefusal))
        case nil: end(waiting, .refused(.recovering))
        }
    }

    /// Ends a purchase whose key made `order`, which nobody on this lane waits for.
    func replay(_ order: OrderID, _ waiting: LaneSale.Waiting, of laneSale: LaneSale) {
        let bound = NIOLoopBound((self, waiting), eventLoop: eventLoop)
        let isBegun = node.errands.begin { [replays = node.replays, eventLoop, sale = laneSale.id, deadline = waiting.deadline] in
            let outcome = await replays.outcome(of: order, in: sale, deadline: deadline)
            eventLoop.execute {
                let (search, waiting) = bound.value
                search.end(waiting, outcome)
            }
        }
        if !isBegun { end(waiting, .refused(.inProgress)) }
    }

    /// Ends a purchase that Postgres will not hear of.
    func end(_ waiting: LaneSale.Waiting, _ outcome: PurchaseOutcome) {
        node.admission.release(1)
        waiting.waiter.purchaseEnded(outcome)
    }
}
