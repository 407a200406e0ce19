import HTTPFront
import NIOCore
import SaleCore

/// A sale as `PUT` takes it: what a sale's file holds, as JSON. Its name may be left out, for the
/// path says it; a `reason` may stand beside.
enum SaleBody {
    static func read(_ body: ByteBuffer, of sale: SaleID) throws(Problem) -> (definition: SaleDefinition, reason: String?) {
        let tree = try MemberReader.object(body)
        var reader = MemberReader()
        var reason: String?
        let definition = definition(tree, of: sale, &reader, &reason)
        try reader.finish()
        guard let definition else { throw Problem(.invalidRequest) }
        let violations = definition.violations
        if !violations.isEmpty { throw Problem(invalid: Array(violations.prefix(BodyProblem.violationsMax))) }
        return (definition, reason)
    }

    private static func definition(
        _ tree: JSONTree, of sale: SaleID, _ reader: inout MemberReader, _ reason: inout String?
    ) -> SaleDefinition? {
        let fields = ["title", "opens_at", "closes_at", "pay_within", "items"]
        guard let top = reader.members(tree, required: fields, optional: ["sale", "reason"]) else { return nil }
        if let name = reader.text(top["sale"], at: "sale"), name != sale.rawValue { reader.note("sale", "must be \(sale), as in the path") }
        reason = reader.reason(top["reason"])
        let title = reader.text(top["title"], at: "title")
        let opensAt = reader.timestamp(top["opens_at"], at: "opens_at")
        let closesAt = reader.timestamp(top["closes_at"], at: "closes_at")
        let payWithin = reader.duration(top["pay_within"], at: "pay_within")
        let list = reader.list(top["items"], at: "items")
        if let list, list.count > SaleDefinition.itemsMax {
            reader.note(SaleDefinition.tooManyItems.field, SaleDefinition.tooManyItems.reason)
            return nil
        }
        let items = list?.enumerated().compactMap { index, value in item(value, at: "items[\(index)]", &reader) }
        guard let title, let opensAt, let closesAt, let payWithin, let items else { return nil }
        return SaleDefinition(
            sale: sale.rawValue, title: title, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithin, items: items)
    }

    private static func item(_ value: JSONTree, at path: String, _ reader: inout MemberReader) -> SaleDefinition.Item? {
        let fields = ["sku", "title", "unit_price", "currency", "stock", "limit_per_user"]
        guard let item = reader.members(value, at: path, prefix: path + ".", required: fields) else { return nil }
        let sku = reader.text(item["sku"], at: "\(path).sku")
        let title = reader.text(item["title"], at: "\(path).title")
        let unitPrice = reader.integer(item["unit_price"], at: "\(path).unit_price")
        let currency = reader.text(item["currency"], at: "\(path).currency")
        let stock = reader.integer(item["stock"], at: "\(path).stock")
        let limit = reader.integer(item["limit_per_user"], at: "\(path).limit_per_user")
        guard let sku, let title, let unitPrice, let currency, let stock, let limit else { return nil }
        return SaleDefinition.Item(sku: sku, title: title, unitPrice: unitPrice, currency: currency, stock: stock, limitPerUser: Int(limit))
    }
}
