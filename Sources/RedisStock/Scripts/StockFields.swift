import SaleCore
import SaleService

/// The stock hash: per SKU `a:` available, `n:` loaded, `v:` stock version, `m:` last move, and
/// others that only the scripts read.
enum StockFields {
    /// `nil` when a number is missing or is none. `pairs` alternates field and value.
    static func items(from pairs: [RedisValue]) -> [SKU: StockReading.Item]? {
        var fields: [String: Int64] = [:]
        var skus: [SKU] = []
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            guard let field = pairs[index].text, let number = pairs[index + 1].number else { return nil }
            fields[field] = number
            if field.hasPrefix("a:"), let sku = SKU(stored: String(field.dropFirst(2))) { skus.append(sku) }
        }
        var items: [SKU: StockReading.Item] = [:]
        for sku in skus {
            guard let available = fields["a:\(sku)"], let loaded = fields["n:\(sku)"], let version = fields["v:\(sku)"] else { return nil }
            items[sku] = StockReading.Item(available: available, loaded: loaded, stockVersion: version, lastMove: fields["m:\(sku)"] ?? 0)
        }
        return items
    }
}
