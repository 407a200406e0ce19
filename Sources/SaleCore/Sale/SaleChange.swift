/// One difference between a sale as it is and as an operator wants it. Carries what was read, so
/// that a reader sees both sides and the ledger can refuse when the sale moved meanwhile.
package enum SaleChange: Sendable, Equatable {
    case create(title: String, opensAt: Timestamp, closesAt: Timestamp, payWithinMilliseconds: Int64)
    case setTitle(from: String, to: String)
    case setOpensAt(from: Timestamp, to: Timestamp)
    case setClosesAt(from: Timestamp, to: Timestamp)
    case setPayWithin(fromMilliseconds: Int64, toMilliseconds: Int64)
    case setStatus(from: SaleStatus, to: SaleStatus)
    case addItem(SKU, title: String, unitPrice: Int64, currency: Currency, stock: Int64, limitPerUser: Int)
    case setItemTitle(SKU, from: String, to: String)
    case setPrice(SKU, from: Int64, fromCurrency: Currency, to: Int64, toCurrency: Currency)
    case setLimitPerUser(SKU, from: Int, to: Int)
    /// `loaded` moves by `to − from`.
    case moveStock(SKU, from: Int64, to: Int64)
}

/// What a definition does to the stock of the items that a sale already has. New items get what the
/// definition says, in any case.
package enum StockPolicy: String, Sendable, CaseIterable {
    /// It stays: units may have been added since the definition was written.
    case keep
    /// It becomes what the definition says.
    case set
}

/// An item whose stock is not what its definition says and was left alone.
package struct StockLeft: Sendable, Equatable {
    package var sku: SKU
    /// What the definition says.
    package var defined: Int64
    package var loaded: Int64

    package init(sku: SKU, defined: Int64, loaded: Int64) {
        self.sku = sku
        self.defined = defined
        self.loaded = loaded
    }
}

/// How a sale differs from its definition.
package struct SaleDifference: Sendable, Equatable {
    /// What must change.
    package var changes: [SaleChange]
    package var stockLeft: [StockLeft]

    package init(changes: [SaleChange] = [], stockLeft: [StockLeft] = []) {
        self.changes = changes
        self.stockLeft = stockLeft
    }
}

extension SaleDefinition {
    /// What must change so that `current` becomes this definition, and what is left alone. An item
    /// that the definition does not name stays as it is, and so does the status. The definition
    /// must have no violations.
    package func difference(from current: Sale?, stock policy: StockPolicy) -> SaleDifference {
        let changes = changes(from: current)
        guard policy == .keep else { return SaleDifference(changes: changes) }
        var difference = SaleDifference()
        for change in changes {
            if case .moveStock(let sku, let loaded, let defined) = change {
                difference.stockLeft.append(StockLeft(sku: sku, defined: defined, loaded: loaded))
            } else {
                difference.changes.append(change)
            }
        }
        return difference
    }

    /// What must change so that `current` becomes this definition, its stock included; empty when
    /// nothing must.
    package func changes(from current: Sale?) -> [SaleChange] {
        guard let current else {
            return [.create(title: title, opensAt: opensAt, closesAt: closesAt, payWithinMilliseconds: payWithinMilliseconds)]
                + Self.changes(of: items, from: [])
        }
        var changes: [SaleChange] = []
        if current.title != title { changes.append(.setTitle(from: current.title, to: title)) }
        if current.opensAt != opensAt { changes.append(.setOpensAt(from: current.opensAt, to: opensAt)) }
        if current.closesAt != closesAt { changes.append(.setClosesAt(from: current.closesAt, to: closesAt)) }
        if current.payWithinMilliseconds != payWithinMilliseconds {
            changes.append(.setPayWithin(fromMilliseconds: current.payWithinMilliseconds, toMilliseconds: payWithinMilliseconds))
        }
        return changes + Self.changes(of: items, from: current.items)
    }

    /// What must change so that the items of a sale become `items`; items that are not named stay.
    package static func changes(of items: [Item], from current: [SaleItem]) -> [SaleChange] {
        let existing = Dictionary(uniqueKeysWithValues: current.map { ($0.sku, $0) })
        return items.flatMap { item -> [SaleChange] in
            guard let sku = SKU(item.sku), let currency = Currency(item.currency) else { return [] }
            guard let old = existing[sku] else {
                return [
                    .addItem(
                        sku, title: item.title, unitPrice: item.unitPrice, currency: currency, stock: item.stock,
                        limitPerUser: item.limitPerUser)
                ]
            }
            var changes: [SaleChange] = []
            if old.title != item.title { changes.append(.setItemTitle(sku, from: old.title, to: item.title)) }
            if old.unitPrice != item.unitPrice || old.currency != currency {
                changes.append(.setPrice(sku, from: old.unitPrice, fromCurrency: old.currency, to: item.unitPrice, toCurrency: currency))
            }
            if old.limitPerUser != item.limitPerUser {
                changes.append(.setLimitPerUser(sku, from: old.limitPerUser, to: item.limitPerUser))
            }
            if old.loaded != item.stock { changes.append(.moveStock(sku, from: old.loaded, to: item.stock)) }
            return changes
        }
    }
}
