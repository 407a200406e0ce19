import SaleCore
import SaleService

/// The members of the record of changes and their scores; the form is told in `changes.lua`.
enum ChangeRecord {
    /// `nil` when the reply is none to ZRANGEBYSCORE … WITHSCORES. A member that nothing of ours
    /// wrote is passed over.
    static func changes(from pairs: [RedisValue], since position: ChangePosition?) -> StockChanges? {
        guard pairs.count % 2 == 0 else { return nil }
        var count: Int64?
        var records: [String] = []
        var items: [SaleID: Set<SKU>?] = [:]
        for index in stride(from: 0, to: pairs.count, by: 2) {
            guard let member = pairs[index].text else { continue }
            if member == "#" {
                count = pairs[index + 1].number
            } else if member.hasPrefix("@") {
                records.append(member)
            } else if let (sale, sku) = item(member) {
                add(sku, to: &items[sale, default: .some([])])
            }
        }
        // Two births: somebody took the count away, and it began anew.
        let now = records.count == 1 ? count.map { ChangePosition(record: records[0], count: $0) } : nil
        return StockChanges(position: now, isComplete: now != nil && now?.record == position?.record, items: items)
    }

    private static func add(_ sku: SKU?, to skus: inout Set<SKU>?) {
        if let sku { skus?.insert(sku) } else { skus = nil }
    }

    private static func item(_ member: String) -> (SaleID, SKU?)? {
        let words = member.split(separator: " ", omittingEmptySubsequences: false)
        guard let first = words.first, words.count <= 2, let sale = SaleKeys.sale(named: first) else { return nil }
        guard words.count == 2 else { return (sale, nil) }
        return SKU(stored: String(words[1])).map { (sale, $0) }
    }
}
