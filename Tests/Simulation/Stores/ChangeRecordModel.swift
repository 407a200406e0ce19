package import SaleCore
package import SaleService

/// The record of changes as `changes.lua` keeps it.
package struct ChangeRecordModel: Sendable {
    /// Tells it from the one that was thrown away before.
    private let name: String
    private var count: Int64 = 0
    /// The count from before the last change of each item, or of a whole sale where there is no
    /// SKU.
    private var marks: [SaleID: [SKU?: Int64]] = [:]

    package init(_ name: String) {
        self.name = name
    }

    package mutating func add(_ mark: RedisSale.Mark, of sale: SaleID) {
        switch mark {
        case .sale: marks[sale, default: [:]][nil] = count
        case .items(let skus): for sku in skus { marks[sale, default: [:]][sku] = count }
        }
        count += 1
    }

    package func since(_ position: ChangePosition?) -> StockChanges {
        guard count > 0 else { return StockChanges(position: nil, isComplete: false, items: [:]) }
        let now = ChangePosition(record: name, count: count)
        if let position, position.record != name || position.count > count { return StockChanges(position: now, isComplete: false, items: [:]) }
        let first = position?.count ?? .min
        var items: [SaleID: Set<SKU>?] = [:]
        for (sale, marks) in marks {
            let recent = marks.filter { $0.value >= first }
            if !recent.isEmpty { items[sale] = .some(recent.keys.contains(nil) ? nil : Set(recent.keys.compactMap { $0 })) }
        }
        return StockChanges(position: now, isComplete: position != nil, items: items)
    }
}
