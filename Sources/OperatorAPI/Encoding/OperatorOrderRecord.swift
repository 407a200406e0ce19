import SaleCore
import SaleService

/// One order with all that is known of it.
struct OperatorOrderRecord: Encodable {
    private struct Event: Encodable {
        private enum CodingKeys: String, CodingKey {
            case at, what, units, amount, currency, outcome, effect, reference, actor, command, reason
            case event = "event_id"
        }

        var at: String
        var what: String
        var units: Int64?
        var amount: Int64?
        var currency: String?
        var event: String?
        var outcome: String?
        var effect: String?
        var reference: String?
        var actor: String?
        var command: String?
        var reason: String?

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

        var event: String
        var outcome: String
        var amount: Int64
        var currency: String
        var effect: String
        var receivedAt: String

        init(_ record: PaymentRecord) {
            (event, outcome, effect) = (record.event.id.rawValue, record.event.outcome.rawValue, record.effect.rawValue)
            (amount, currency, receivedAt) = (record.event.amount, record.event.currency.code, "\(record.receivedAt)")
        }
    }

    private struct RefundRow: Encodable {
        private enum CodingKeys: String, CodingKey {
            case reference, amount, currency, actor
            case refundedAt = "refunded_at"
        }

        var reference: String
        var amount: Int64
        var currency: String
        var actor: String
        var refundedAt: String

        init(_ record: RefundRecord) {
            (reference, amount, currency, actor) = (record.reference, record.amount, record.currency.code, record.actor)
            refundedAt = "\(record.refundedAt)"
        }
    }

    private struct Move: Encodable {
        var kind: String
        var number: Int64
        var units: Int64
    }

    private enum CodingKeys: String, CodingKey {
        case life, payments, refunds, ledger, moves, rejection
        case keyHash = "key_sha256"
        case amountDue = "amount_due"
        case balance = "amount_received"
    }

    private let record: OrderRecord

    init(_ record: OrderRecord) {
        self.record = record
    }

    func encode(to encoder: any Encoder) throws {
        try OperatorOrder(record.order, record.money).encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.order.amountDue, forKey: .amountDue)
        try container.encode(record.balance, forKey: .balance)
        try container.encodeIfPresent(record.keyHash, forKey: .keyHash)
        try container.encodeIfPresent(record.rejection.map { "\($0)" }, forKey: .rejection)
        try container.encode(record.life.map(Event.init), forKey: .life)
        try container.encode(record.payments.map(Payment.init), forKey: .payments)
        try container.encode(record.refunds.map(RefundRow.init), forKey: .refunds)
        try container.encode(record.ledger.map(OperatorLedgerRow.init), forKey: .ledger)
        try container.encode(
            record.moves.map { Move(kind: $0.kind.rawValue, number: $0.number, units: $0.unitsComing) }, forKey: .moves)
    }
}
