import SaleCore

/// An event as everybody outside reads it: the operators' API, the command line, webhooks.
package enum EventJSON {
    /// `{"id":"evt_…","type":…,"at":…,"sale":…,"order":{…}}`; an event of no order has `"sku"`,
    /// `"cause"` and `"actor"` as far as they are known.
    package static func text(_ event: FeedEvent) -> String {
        "{\"id\":\"\(event.id)\",\"type\":\(quoted(event.type.rawValue)),\"at\":\"\(event.at)\",\"sale\":\"\(event.sale)\"\(rest(of: event))}"
    }

    /// `{"events":[…],"next":"…"}`
    package static func text(_ page: EventPage) -> String {
        "{\"events\":[\(page.events.map(text).joined(separator: ","))],\"next\":\"\(page.next)\"}"
    }

    /// One event per line, each with a line end.
    package static func lines(_ events: some Sequence<FeedEvent>) -> String {
        events.reduce(into: "") { $0 += text($1) + "\n" }
    }

    /// A webhook's body, `{"type":…,"timestamp":…,"data":{…}}`, where `data` is the order itself,
    /// or what is known of a sale.
    package static func webhook(_ event: FeedEvent) -> String {
        "{\"type\":\(quoted(event.type.rawValue)),\"timestamp\":\"\(event.at)\",\"data\":\(data(of: event))}"
    }

    /// The body of a webhook that takes several events at once: `data` is a list of what each would
    /// have been alone, with its id.
    package static func webhook(batch events: [FeedEvent]) -> String {
        let each = events.map { "{\"id\":\"\($0.id)\",\(webhook($0).dropFirst())" }
        return "{\"type\":\"events\",\"timestamp\":\"\(events.last?.at.description ?? "")\",\"data\":[\(each.joined(separator: ","))]}"
    }

    private static func data(of event: FeedEvent) -> String {
        event.order.map(text) ?? "{\"sale\":\"\(event.sale)\"\(rest(of: event))}"
    }

    private static func rest(of event: FeedEvent) -> String {
        var text = ""
        if let order = event.order {
            text += ",\"order\":\(self.text(order))"
        } else if let sku = event.sku {
            text += ",\"sku\":\"\(sku)\""
        }
        if let cause = event.cause { text += ",\"cause\":\(quoted(cause))" }
        if let actor = event.actor { text += ",\"actor\":\(quoted(actor))" }
        return text
    }

    /// What never changes of an order: its state is the event's type.
    private static func text(_ order: Order) -> String {
        """
        {"id":"\(order.id)","sale":"\(order.sale)","sku":"\(order.sku)","quantity":\(order.quantity),"unit_price":\(order.unitPrice),\
        "currency":"\(order.currency.code)","user":\(quoted(order.user.rawValue)),"created_at":"\(order.createdAt)","pay_by":"\(order.payBy)"}
        """
    }

    /// As RFC 8259, section 7, demands and no further.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
