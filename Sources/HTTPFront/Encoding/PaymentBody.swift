import NIOCore
import SaleCore

/// What a payment provider sends: `{"event_id","order_id","outcome","amount","currency"}`. Members
/// that are not known are ignored, for providers add some, and a currency may be written in small
/// letters.
enum PaymentBody {
    static func parse(_ body: ByteBuffer) -> Result<PaymentEvent, BodyProblem> {
        parse(body.readableBytesSpan)
    }

    private struct Fields {
        var id: PaymentEventID?
        var order: OrderID?
        var outcome: PaymentEvent.Outcome?
        var amount: Int64?
        var currency: Currency?
        var seen: Set<String> = []
        var violations: [Violation] = []

        mutating func refuse(_ field: String, _ reason: String) {
            if violations.count < BodyProblem.violationsMax { violations.append(Violation(field: field, reason: reason)) }
        }

        mutating func take(_ name: String, _ value: JSONMember) {
            seen.insert(name)
            let text: String? = if case .scalar(.string(let text)) = value { text } else { nil }
            switch name {
            case "event_id":
                id = text.flatMap { PaymentEventID($0) }
                if id == nil { refuse(name, "must be a string of 1–255 visible ASCII characters") }
            case "order_id":
                order = text.flatMap { OrderID($0) }
                if order == nil { refuse(name, "must be an order's id") }
            case "outcome":
                outcome = text.flatMap { PaymentEvent.Outcome(rawValue: $0) }
                if outcome == nil { refuse(name, "must be succeeded or failed") }
            case "amount":
                if case .scalar(.number(let number)) = value, let integer = number.integer, integer >= 0 { amount = integer }
                if amount == nil { refuse(name, "must be a whole number of the currency's minor unit") }
            case "currency":
                currency = text.flatMap { Currency(ignoringCase: $0) }
                if currency == nil { refuse(name, "must be three letters") }
            default: break
            }
        }
    }

    private static func parse(_ bytes: RawSpan) -> Result<PaymentEvent, BodyProblem> {
        var fields = Fields()
        do throws(JSONSyntaxError) {
            try FlatJSONReader.read(bytes) { fields.take($0, $1) }
        } catch {
            return .failure(BodyProblem(error))
        }
        for name in ["event_id", "order_id", "outcome", "amount", "currency"] where !fields.seen.contains(name) { fields.refuse(name, "is missing") }
        guard
            fields.violations.isEmpty, let id = fields.id, let order = fields.order, let outcome = fields.outcome, let amount = fields.amount,
            let currency = fields.currency
        else { return .failure(.invalid(fields.violations)) }
        return .success(PaymentEvent(id: id, order: order, outcome: outcome, amount: amount, currency: currency))
    }
}
