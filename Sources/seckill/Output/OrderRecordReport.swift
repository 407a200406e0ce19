import OperatorAPI
import SaleCore
import SaleService

/// One order with all that is known of it.
struct OrderRecordReport: Encodable {
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
            at = "\(event.at)"
            what = event.what.rawValue
            units = event.units
            amount = event.amount
            currency = event.currency?.code
            self.event = event.event?.rawValue
            outcome = event.outcome?.rawValue
            effect = event.effect?.rawValue
            (reference, actor, command, reason) = (event.reference, event.actor, event.command, event.reason)
        }

        /// For a person, beside the instant and what it was.
        var detail: String {
            var parts: [String] = []
            if let event { parts.append("event \(event) \(outcome ?? "") → \(effect ?? "")") }
            if let units, amount == nil { parts.append(units.magnitude == 1 ? "\(units) unit" : "\(units) units") }
            if let amount, let currency = currency.flatMap({ Currency($0) }) { parts.append("\(Money.text(amount, currency)) \(currency)") }
            if let reference { parts.append("reference \(reference)") }
            if let command { parts.append(Self.gist(of: command)) }
            if let actor { parts.append("by \(actor)") }
            if let reason { parts.append("because: \(reason)") }
            return parts.joined(separator: ", ")
        }

        /// What was done, without order and flags, which stand beside it; the whole is in the
        /// history.
        private static func gist(of command: String) -> String {
            command.split(separator: " ").prefix { !$0.hasPrefix("-") }.filter { OrderID(String($0)) == nil }.joined(separator: " ")
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
            event = record.event.id.rawValue
            outcome = record.event.outcome.rawValue
            amount = record.event.amount
            currency = record.event.currency.code
            effect = record.effect.rawValue
            receivedAt = "\(record.receivedAt)"
        }
    }

    private struct Refund: Encodable {
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

    private let order: OperatorOrder
    private let amountDue: Int64
    /// And not paid back.
    private let balance: Int64
    private let money: OrderMoney
    private let keyHash: String?
    private let rejection: String?
    private let life: [Event]
    private let payments: [Payment]
    private let refunds: [Refund]
    private let ledger: [LedgerEntryReport]
    private let moves: [Move]

    init(_ record: OrderRecord) {
        order = OperatorOrder(record.order, record.money)
        money = record.money
        amountDue = record.order.amountDue
        balance = record.balance
        (keyHash, rejection) = (record.keyHash, record.rejection)
        life = record.life.map(Event.init)
        payments = record.payments.map(Payment.init)
        refunds = record.refunds.map(Refund.init)
        ledger = record.ledger.map(LedgerEntryReport.init)
        moves = record.moves.map { Move(kind: $0.kind.rawValue, number: $0.number, units: $0.unitsComing) }
    }

    func encode(to encoder: any Encoder) throws {
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

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try JSONOutput.print(self)
        case .yaml: try YAMLOutput.print(self)
        case .ndjson: try JSONOutput.printLine(self)
        case .csv, .name: try ListWriter.print([order], format)
        case .table: printForPeople(fitting: TextTable.usualWidth)
        case .wide: printForPeople(fitting: nil)
        }
    }

    private func printForPeople(fitting width: Int?) {
        var table = TextTable(columns: [("ORDER", .left, false), (order.id, .left, true)])
        table.add("sale", order.sale)
        table.add("item", "\(order.quantity) × \(order.sku)")
        table.add("user", order.user)
        table.add("state", order.state + (order.refundDue ? ", refund due" : "") + (rejection.map { " (\($0))" } ?? ""))
        table.add("price", amount(amountDue))
        if !ledger.isEmpty { table.add("received", amount(money.received)) }
        for refund in refunds {
            table.add("refunded", "\(amount(refund.amount)), reference \(refund.reference), by \(refund.actor), \(refund.refundedAt.toTheSecond)")
        }
        if let due = order.refundDueAmount, due > 0 { table.add("due", amount(due)) }
        table.add("pay by", order.payBy)
        if let keyHash { table.add("key", "sha256 \(keyHash.prefix(16))…") }
        table.print(fitting: width, wraps: true)
        var events = TextTable(columns: [("AT", .left, false), ("WHAT", .left, false), ("DETAIL", .left, true)])
        for event in life { events.add(event.at, event.what, detail(of: event)) }
        Console.data("")
        events.print(fitting: width, wraps: true)
        for move in moves {
            Console.message("move \(move.number) (\(move.kind), \(move.units) unit\(move.units == 1 ? "" : "s")) is on its way to Redis")
        }
    }

    private func detail(of event: Event) -> String {
        let isExpiry = event.what == OrderLifeEvent.What.release.rawValue && order.state == OrderState.expired.rawValue
        return isExpiry ? "expired, not paid in time, \(event.detail)" : event.detail
    }

    private func amount(_ minor: Int64) -> String { Currency(order.currency).map { Money.amount(minor, $0) } ?? String(minor) }
}
