import HTTPFront
import NIOCore
import SaleCore
import SaleService

/// What `PATCH` takes of a sale: any of its own fields, and a `reason` beside.
enum SaleSettingsBody {
    static func read(_ body: ByteBuffer) throws(Problem) -> (settings: SaleSettings, reason: String?) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let fields = ["title", "opens_at", "closes_at", "pay_within"]
        let members = reader.members(tree, required: [], optional: fields + ["reason"]) ?? [:]
        if fields.allSatisfy({ members[$0] == nil }) { reader.note("body", "must have one of \(fields.joined(separator: ", "))") }
        let settings = SaleSettings(
            title: reader.text(members["title"], at: "title"),
            opensAt: reader.timestamp(members["opens_at"], at: "opens_at").map { .at($0) },
            closesAt: reader.timestamp(members["closes_at"], at: "closes_at").map { .at($0) },
            payWithinMilliseconds: reader.duration(members["pay_within"], at: "pay_within"))
        let reason = reader.reason(members["reason"])
        try reader.finish()
        return (settings, reason)
    }
}

/// What `PATCH` takes of an item. A `currency` must be the item's, and shows that the price was
/// meant in it.
enum ItemSettingsBody {
    static func read(_ body: ByteBuffer) throws(Problem) -> (settings: ItemSettings, reason: String?) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        let fields = ["title", "unit_price", "limit_per_user"]
        let members = reader.members(tree, required: [], optional: fields + ["currency", "reason"]) ?? [:]
        if fields.allSatisfy({ members[$0] == nil }) { reader.note("body", "must have one of \(fields.joined(separator: ", "))") }
        let code = reader.text(members["currency"], at: "currency")
        let currency = code.flatMap { Currency($0) }
        if code != nil, currency == nil { reader.note("currency", "must be three capital letters") }
        let settings = ItemSettings(
            title: reader.text(members["title"], at: "title"), unitPrice: reader.integer(members["unit_price"], at: "unit_price"),
            currency: currency, limitPerUser: reader.integer(members["limit_per_user"], at: "limit_per_user").map { Int($0) })
        let reason = reader.reason(members["reason"])
        try reader.finish()
        return (settings, reason)
    }
}
