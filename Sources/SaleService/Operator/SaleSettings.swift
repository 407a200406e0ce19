package import SaleCore

/// What an operator wants of a sale; `nil` leaves it.
package struct SaleSettings: Sendable, Equatable {
    /// An instant, by itself or from another one.
    package enum Instant: Sendable, Equatable {
        case at(Timestamp)
        /// Milliseconds; may be negative. An opening counts from now, an end from the end so far:
        /// to extend a sale is what is wanted of it.
        case by(Int64)
    }

    package var title: String?
    package var opensAt: Instant?
    package var closesAt: Instant?
    package var payWithinMilliseconds: Int64?

    package init(title: String? = nil, opensAt: Instant? = nil, closesAt: Instant? = nil, payWithinMilliseconds: Int64? = nil) {
        self.title = title
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.payWithinMilliseconds = payWithinMilliseconds
    }

    /// A century, whose end every clock can hold.
    private static let distanceMax: Int64 = 36_525 * 86_400_000

    private static func requireNear(_ instant: Instant?, _ field: String) throws(OperatorCommandError) {
        guard case .by(let milliseconds) = instant, milliseconds.magnitude > distanceMax.magnitude else { return }
        throw .invalid([Violation(field: field, reason: "must be within 36525d")])
    }

    func changes(of sale: Sale, now: Timestamp) throws(OperatorCommandError) -> [SaleChange] {
        try Self.requireNear(self.opensAt, "opens_at")
        try Self.requireNear(self.closesAt, "closes_at")
        let opensAt = opensAt?.resolved(from: now) ?? sale.opensAt
        let closesAt = closesAt?.resolved(from: sale.closesAt) ?? sale.closesAt
        let definition = SaleDefinition(
            sale: sale.id.rawValue, title: title ?? sale.title, opensAt: opensAt, closesAt: closesAt,
            payWithinMilliseconds: payWithinMilliseconds ?? sale.payWithinMilliseconds, items: [])
        // What is there already is not what is being set.
        let fields = ["title": title != nil, "closes_at": self.opensAt != nil || self.closesAt != nil, "pay_within": payWithinMilliseconds != nil]
        let violations = definition.violationsBesideItems.filter { fields[$0.field] ?? true }
        guard violations.isEmpty else { throw .invalid(violations) }
        return definition.changes(from: sale)
    }
}

extension SaleSettings.Instant {
    fileprivate func resolved(from base: Timestamp) -> Timestamp {
        switch self {
        case .at(let instant): instant
        case .by(let milliseconds): base.advanced(milliseconds: milliseconds)
        }
    }
}

/// What an operator wants of an item; `nil` leaves it.
package struct ItemSettings: Sendable, Equatable {
    package var title: String?
    /// In the currency's minor unit.
    package var unitPrice: Int64?
    /// The one that `unitPrice` was worked out in, if it was: the item must have it.
    package var currency: Currency?
    package var limitPerUser: Int?

    package init(title: String? = nil, unitPrice: Int64? = nil, currency: Currency? = nil, limitPerUser: Int? = nil) {
        self.title = title
        self.unitPrice = unitPrice
        self.currency = currency
        self.limitPerUser = limitPerUser
    }

    func changes(of item: SaleItem) throws(OperatorCommandError) -> [SaleChange] {
        if let currency, currency != item.currency { throw .conflict("\(item.sku) is sold in \(item.currency), not in \(currency)") }
        let wanted = SaleDefinition.Item(
            sku: item.sku.rawValue, title: title ?? item.title, unitPrice: unitPrice ?? item.unitPrice, currency: item.currency.code,
            stock: item.loaded, limitPerUser: limitPerUser ?? item.limitPerUser)
        // A stored name may be of an earlier version's grammar; it is not what is being set.
        let violations = SaleDefinition.violations(of: [wanted]).filter { $0.field != "items[0].sku" }
        guard violations.isEmpty else {
            throw .invalid(violations.map { Violation(field: String($0.field.dropFirst("items[0].".count)), reason: $0.reason) })
        }
        return SaleDefinition.changes(of: [wanted], from: [item])
    }
}

/// How a sale must be for a change to be made.
package enum SalePrecondition: Sendable, Equatable {
    case any
    /// It must be there.
    case present
    /// It must not be there yet.
    case absent
    /// Nobody may have changed it since.
    case version(Int64)

    func require(_ id: SaleID, _ sale: Sale?) throws(OperatorCommandError) {
        switch self {
        case .any: return
        case .present: if sale == nil { throw .stale(id, version: nil) }
        case .absent: if let sale { throw .stale(id, version: sale.version) }
        case .version(let version): if sale?.version != version { throw .stale(id, version: sale?.version) }
        }
    }
}
