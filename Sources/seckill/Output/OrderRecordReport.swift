import OperatorAPI
import SaleCore

extension OperatorOrderRecord {
    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try JSONOutput.print(self)
        case .yaml: try YAMLOutput.print(self)
        case .ndjson: try JSONOutput.printLine(self)
        case .csv, .name: try ListWriter.print([order], format)
        case .table, .wide: printForPeople()
        }
    }

    private func printForPeople() {
        var table = TextTable(("ORDER", .left), (order.id, .left))
        table.add("sale", order.sale)
        table.add("item", "\(order.quantity) × \(order.sku)")
        table.add("user", order.user)
        table.add("state", order.state + (order.refundDue ? ", refund due" : "") + (rejection.map { " (\($0))" } ?? ""))
        table.add("price", amount(amountDue))
        if !ledger.isEmpty { table.add("received", amount(balance)) }
        table.add("pay by", order.payBy)
        if let keyHash { table.add("key", "sha256 \(keyHash.prefix(16))…") }
        table.print()
        var events = TextTable(("AT", .left), ("WHAT", .left), ("DETAIL", .left))
        for event in life { events.add(event.at, event.what, event.detail) }
        Console.data("")
        events.print()
        for move in moves { Console.message("move \(move.number) (\(move.kind), \(move.units) units) is on its way to Redis") }
    }

    private func amount(_ minor: Int64) -> String {
        Currency(order.currency).map { "\(Money.text(minor, $0)) \($0)" } ?? String(minor)
    }
}

extension OperatorOrderRecord.Event {
    /// For a person, beside the instant and what it was.
    fileprivate var detail: String {
        var parts: [String] = []
        if let event { parts.append("event \(event) \(outcome ?? "") → \(effect ?? "")") }
        if let units, amount == nil { parts.append("\(units) units") }
        if let amount, let currency = currency.flatMap({ Currency($0) }) { parts.append("\(Money.text(amount, currency)) \(currency)") }
        if let reference { parts.append("reference \(reference)") }
        if let command { parts.append(command) }
        if let actor { parts.append("by \(actor)") }
        if let reason { parts.append("because: \(reason)") }
        return parts.joined(separator: ", ")
    }
}
