import HTTPFront
import NIOCore
import SaleCore
import SaleService

/// `{"amount":…,"currency":…,"reference":…}`, and a `reason` beside.
enum RefundBody {
    static func read(_ body: ByteBuffer, of order: OrderID) throws(Problem) -> (refund: Refund, reason: String?) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let members = reader.members(tree, required: ["amount", "currency", "reference"], optional: ["reason"])
        let amount = reader.integer(members?["amount"], at: "amount")
        let code = reader.text(members?["currency"], at: "currency")
        let currency = code.flatMap { Currency($0) }
        if code != nil, currency == nil { reader.note("currency", "must be three capital letters") }
        let reference = reader.text(members?["reference"], at: "reference")
        let reason = reader.reason(members?["reason"])
        try reader.finish()
        return (Refund(order: order, amount: amount ?? 0, currency: currency, reference: reference ?? ""), reason)
    }
}
