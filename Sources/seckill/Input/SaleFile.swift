import SaleCore
import Yams

/// The YAML of `seckill sale apply`. Strict: every field must be there, none may be unknown or
/// given twice, and nothing is converted.
enum SaleFile {
    /// 400 bytes per item of the largest sale, three times what one takes. A larger file is refused
    /// before it is parsed.
    static let bytesMax = 4 << 20

    /// What stands in a file.
    struct Contents: Sendable, Equatable {
        var definition: SaleDefinition
        /// Of the sale that the file was made from; `nil` where it does not say.
        var version: Int64?
    }

    /// Reads a sale from UTF-8, with or without a byte order mark. Whatever is wrong is named with
    /// its line and its field.
    static func contents(of bytes: [UInt8]) throws(InvalidInput) -> Contents {
        if let violation = TextEncoding.violation(in: bytes) { throw InvalidInput([violation]) }
        // Parsing costs a hundred times what counting does.
        guard itemCount(bytes) <= SaleDefinition.itemsMax else { throw InvalidInput([SaleDefinition.tooManyItems]) }
        return try contents(of: String(decoding: bytes.dropFirst(TextEncoding.markLength(of: bytes)), as: UTF8.self))
    }

    /// How often `sku` stands where a key of a mapping stands.
    private static func itemCount(_ bytes: [UInt8]) -> Int {
        let (key, quotes) = (Array("sku".utf8), [UInt8(ascii: "\""), UInt8(ascii: "'")])
        let (space, before) = (UInt8(ascii: " "), Array("{,-\n\r".utf8))
        var (count, isInString) = (0, false)
        for end in bytes.indices {
            switch bytes[end] {
            case UInt8(ascii: "\n"): isInString = false
            case UInt8(ascii: "\""): isInString.toggle()
            default: break
            }
            if isInString || bytes[end] != UInt8(ascii: ":") { continue }
            var index = end
            func skip(_ isSkipped: (UInt8) -> Bool) { while index > 0, isSkipped(bytes[index - 1]) { index -= 1 } }
            skip { $0 == space || quotes.contains($0) }
            guard index >= key.count, bytes[(index - key.count)..<index].elementsEqual(key) else { continue }
            index -= key.count
            skip { $0 == space || quotes.contains($0) }
            if index == 0 || before.contains(bytes[index - 1]) { count += 1 }
        }
        return count
    }

    static func read(_ bytes: [UInt8]) throws(InvalidInput) -> SaleDefinition { try contents(of: bytes).definition }

    static func read(_ text: String) throws(InvalidInput) -> SaleDefinition { try contents(of: text).definition }

    /// Reads a sale. Whatever is wrong is named with its line and its field.
    static func contents(of text: String) throws(InvalidInput) -> Contents {
        let root: Node?
        do {
            // Marks count in the encoding that is parsed, so it must not depend on how the string
            // happens to be stored.
            root = try Yams.compose(yaml: text, .default, .default, .utf8)
        } catch {
            throw InvalidInput([Self.violation(of: error)])
        }
        guard let root else { throw InvalidInput([Violation(line: 1, field: "file", reason: "is empty")]) }
        var reader = NodeReader()
        let contents = Self.contents(of: root, &reader)
        guard reader.violations.isEmpty, let contents else { throw InvalidInput(reader.violations) }
        let broken = contents.definition.violations.map { violation in
            Violation(line: reader.lines[violation.field] ?? violation.line, field: violation.field, reason: violation.reason)
        }
        guard broken.isEmpty else { throw InvalidInput(broken) }
        return contents
    }

    private static func contents(of root: Node, _ reader: inout NodeReader) -> Contents? {
        let fields = ["sale", "title", "opens_at", "closes_at", "pay_within", "items"]
        guard let top = reader.mapping(root, at: "file", prefix: "", fields: fields, optional: ["version"]) else { return nil }
        let sale = reader.text(top["sale"], at: "sale")
        let version = reader.integer(top["version"], at: "version")
        let title = reader.text(top["title"], at: "title")
        let opensAt = reader.timestamp(top["opens_at"], at: "opens_at")
        let closesAt = reader.timestamp(top["closes_at"], at: "closes_at")
        let payWithin = reader.duration(top["pay_within"], at: "pay_within")
        let nodes = reader.list(top["items"], at: "items")
        let items = nodes?.enumerated().compactMap { index, node in item(node, at: "items[\(index)]", &reader) }
        guard let sale, let title, let opensAt, let closesAt, let payWithin, let items else { return nil }
        let definition = SaleDefinition(
            sale: sale, title: title, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithin, items: items)
        return Contents(definition: definition, version: version)
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
