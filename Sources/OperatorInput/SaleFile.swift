package import SaleCore
import Yams

/// The YAML of `seckill sale apply`. Strict: every field must be there, none may be unknown or given twice, and nothing is converted.
package enum SaleFile {
    /// Far above the largest sale; keeps a mistaken path from filling the memory.
    package static let bytesMax = 16 << 20

    /// Reads a sale. Whatever is wrong is named with its line and its field.
    package static func read(_ text: String) throws(InvalidInput) -> SaleDefinition {
        let root: Node?
        do {
            // Marks count in the encoding that is parsed, so it must not depend on how the string happens to be stored.
            root = try Yams.compose(yaml: text, .default, .default, .utf8)
        } catch {
            throw InvalidInput([Self.violation(of: error)])
        }
        guard let root else { throw InvalidInput([Violation(line: 1, field: "file", reason: "is empty")]) }
        var reader = NodeReader()
        let definition = Self.definition(root, &reader)
        guard reader.violations.isEmpty, let definition else { throw InvalidInput(reader.violations) }
        let broken = definition.violations.map { violation in
            Violation(line: reader.lines[violation.field] ?? violation.line, field: violation.field, reason: violation.reason)
        }
        guard broken.isEmpty else { throw InvalidInput(broken) }
        return definition
    }

    private static func definition(_ root: Node, _ reader: inout NodeReader) -> SaleDefinition? {
        let fields = ["sale", "title", "opens_at", "closes_at", "pay_within", "items"]
        guard let top = reader.mapping(root, at: "file", prefix: "", fields: fields) else { return nil }
        let sale = reader.text(top["sale"], at: "sale")
        let title = reader.text(top["title"], at: "title")
        let opensAt = reader.timestamp(top["opens_at"], at: "opens_at")
        let closesAt = reader.timestamp(top["closes_at"], at: "closes_at")
        let payWithin = reader.duration(top["pay_within"], at: "pay_within")
        let nodes = reader.list(top["items"], at: "items")
        let items = nodes?.enumerated().compactMap { index, node in item(node, at: "items[\(index)]", &reader) }
        guard let sale, let title, let opensAt, let closesAt, let payWithin, let items else { return nil }
        return SaleDefinition(
            sale: sale, title: title, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithin, items: items)
    }

    private static func item(_ node: Node, at path: String, _ reader: inout NodeReader) -> SaleDefinition.Item? {
        let fields = ["sku", "title", "unit_price", "currency", "stock", "limit_per_user"]
        guard let item = reader.mapping(node, at: path, prefix: path + ".", fields: fields) else { return nil }
        let sku = reader.text(item["sku"], at: "\(path).sku")
        let title = reader.text(item["title"], at: "\(path).title")
        let unitPrice = reader.integer(item["unit_price"], at: "\(path).unit_price")
        let currency = reader.text(item["currency"], at: "\(path).currency")
        let stock = reader.integer(item["stock"], at: "\(path).stock")
        let limit = reader.integer(item["limit_per_user"], at: "\(path).limit_per_user")
        guard let sku, let title, let unitPrice, let currency, let stock, let limit else { return nil }
        return SaleDefinition.Item(
            sku: sku, title: title, unitPrice: unitPrice, currency: currency, stock: stock, limitPerUser: Int(limit), line: node.mark?.line)
    }

    private static func violation(of error: any Error) -> Violation {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            Violation(line: mark.line, field: "file", reason: "is not YAML: \(problem)")
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            Violation(
                line: context.mark.line, field: duplicates.sorted().joined(separator: ", "), reason: "is given twice, for the first time here")
        case YamlError.reader(let problem, _, _, _):
            Violation(field: "file", reason: "is not YAML: \(problem)")
        default:
            Violation(field: "file", reason: "is not YAML: \(error)")
        }
    }
}
