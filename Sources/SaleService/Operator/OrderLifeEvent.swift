package import SaleCore

/// One thing that happened to an order, as operators are told of it.
package struct OrderLifeEvent: Sendable, Equatable {
    package enum What: String, Sendable, CaseIterable {
        /// Redis gave it its units.
        case granted
        /// Postgres has it: its buyer may be told that it stands.
        case commit
        /// Postgres found no room for it.
        case reject
        case payment
        /// It gave its units back.
        case release
        /// Money went back to the buyer.
        case refund
        /// An operator did something to it.
        case command
    }

    package var at: Timestamp
    package var what: What
    package var units: Int64?
    /// In the currency's minor unit.
    package var amount: Int64?
    package var currency: Currency?
    /// Of a payment: its id, and what it said and did.
    package var event: PaymentEventID?
    package var outcome: PaymentEvent.Outcome?
    package var effect: PaymentEffect?
    /// Of a refund.
    package var reference: String?
    package var actor: String?
    package var command: String?
    /// Of a command, or of a rejection.
    package var reason: String?

    init(_ what: What, at: Timestamp) {
        self.what = what
        self.at = at
    }
}

extension OrderRecord {
    /// Oldest first; what happened at one instant in the order of cause and effect.
    package var life: [OrderLifeEvent] {
        var life = [OrderLifeEvent(.granted, at: order.createdAt, units: Int64(order.quantity))]
        if let rejection { life.append(OrderLifeEvent(.reject, at: order.createdAt, reason: rejection)) }
        var later = audit.map(OrderLifeEvent.init) + payments.map(OrderLifeEvent.init) + refunds.map(OrderLifeEvent.init)
        later += ledger.filter { $0.kind == .release }.map { OrderLifeEvent(.release, at: $0.at, units: $0.committed) }
        // Sorting keeps the order of equals; two clocks may put a commit after what followed it.
        later = later.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        if order.state != .reserved, rejection == nil {
            let committedAt = committedAt ?? order.createdAt
            life.append(OrderLifeEvent(.commit, at: min(committedAt, later.first?.at ?? committedAt), units: Int64(order.quantity)))
        }
        return life + later
    }
}

extension OrderLifeEvent {
    fileprivate init(_ what: What, at: Timestamp, units: Int64? = nil, reason: String? = nil) {
        self.init(what, at: at)
        self.units = units
        self.reason = reason
    }

    fileprivate init(_ payment: PaymentRecord) {
        self.init(.payment, at: payment.receivedAt)
        (amount, currency) = (payment.event.amount, payment.event.currency)
        (event, outcome, effect) = (payment.event.id, payment.event.outcome, payment.effect)
    }

    fileprivate init(_ refund: RefundRecord) {
        self.init(.refund, at: refund.refundedAt)
        (amount, currency, reference, actor) = (refund.amount, refund.currency, refund.reference, refund.actor)
    }

    fileprivate init(_ entry: AuditEntry) {
        self.init(.command, at: entry.at)
        (actor, command, reason) = (entry.attribution.actor, entry.attribution.command, entry.attribution.reason)
    }
}
