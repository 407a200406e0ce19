import SaleCore
package import SaleService

/// One order with all that is known of it, over REST and in the command line.
package struct OperatorOrderRecord: Encodable, Sendable {
    package struct Event: Encodable, Sendable {
        private enum CodingKeys: String, CodingKey {
            case at, what, units, amount, currency, outcome, effect, reference, actor, command, reason
            case event = "event_id"
        }

        package let at: String
        package let what: String
        package let units: Int64?
        package let amount: Int64?
        package let currency: String?
        package let event: String?
        package let outcome: String?
        package let effect: String?
        package let reference: String?
        package let actor: String?
        package let command: String?
        package let reason: String?

        init(_ event: OrderLifeEvent) {
            (at, what, units) = ("\(event.at)", event.what.rawValue, event.units)
            (amount, currency) = (event.amount, event.currency?.code)
            (self.event, outcome, effect) = (event.event?.rawValue, event.outcome?.rawValue, event.effect?.rawValue)
            (reference, actor, command, reason) = (event.reference, event.actor, event.command, event.reason)
        }
    }

    private struct Payment: Encodable {
        private enum CodingKeys: String, CodingKey {
            case outcome, amount, currency, effect
            case event = "event_id"
            case receivedAt = "received_at"
        }

        let event: String
        let outcome: String
        let amount: Int64
        let currency: String
        let effect: String
        let receivedAt: String

        init(_ record: PaymentRecord) {
            (event, outcome, effect) = (record.event.id.rawValue, record.event.outcome.rawValue, record.effect.rawValue)
            (amount, currency, receivedAt) = (record.event.amount, record.event.currency.code, "\(record.receivedAt)")
        }
    }

    private struct Refund: Encodable {
        private enum CodingKeys: String, CodingKey {
            case reference, amount, currency, actor
            case refundedAt = "refunded_at"
        }

        let reference: String
        let amount: Int64
        let currency: String
        let actor: String
        let refundedAt: String

        init(_ record: RefundRecord) {
            (reference, amount, currency, actor) = (record.reference, record.amount, record.currency.code, record.actor)
            refundedAt = "\(record.refundedAt)"
        }
    }

    package struct Move: Encodable, Sendable {
        package let kind: String
        package let number: Int64
        package let units: Int64
    }

    private enum CodingKeys: String, CodingKey {
        case life, payments, refunds, ledger, moves, rejection
        case keyHash = "key_sha256"
        case amountDue = "amount_due"
        case balance = "amount_received"
    }

    package let order: OperatorOrder
    package let amountDue: Int64
    /// And not paid back.
    package let balance: Int64
    package let keyHash: String?
    package let rejection: String?
    package let life: [Event]
    private let payments: [Payment]
    private let refunds: [Refund]
    package let ledger: [OperatorLedgerRow]
    package let moves: [Move]

    package init(_ record: OrderRecord) {
        order = OperatorOrder(record.order)
        amountDue = record.order.amountDue
        balance = record.balance
        (keyHash, rejection) = (record.keyHash, record.rejection)
        life = record.life.map(Event.init)
        payments = record.payments.map(Payment.init)
        refunds = record.refunds.map(Refund.init)
        ledger = record.ledger.map(OperatorLedgerRow.init)
        moves = record.moves.map { Move(kind: $0.kind.rawValue, number: $0.number, units: $0.unitsComing) }
    }

    package func encode(to encoder: any Encoder) throws {
        try order.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(amountDue, forKey: .amountDue)
        try container.encode(balance, forKey: .balance)
        try container.encodeIfPresent(keyHash, forKey: .keyHash)
        try container.encodeIfPresent(rejection, forKey: .rejection)
        try container.encode(life, forKey: .life)
        try container.encode(payments, forKey: .payments)
        try container.encode(refunds, forKey: .refunds)
        try container.encode(ledger, forKey: .ledger)
        try container.encode(moves, forKey: .moves)
    }
}
