import SaleCore

/// What a page says beside its state and the units that are left. One object for all pages that
/// differ in these alone, so that whoever compares two of them compares references.
final class SaleFrame: Sendable {
    let items: [SaleItem]
    private let title: String
    private let opensAt: Timestamp
    private let closesAt: Timestamp

    init(_ sale: Sale, _ items: [SaleItem]) {
        self.items = items
        title = sale.title
        opensAt = sale.opensAt
        closesAt = sale.closesAt
    }

    func isThat(of sale: Sale, _ items: [SaleItem]) -> Bool {
        title == sale.title && opensAt == sale.opensAt && closesAt == sale.closesAt && self.items.count == items.count
            && zip(self.items, items).allSatisfy { $0.isShownAs($1) }
    }
}

extension SaleItem {
    fileprivate func isShownAs(_ other: SaleItem) -> Bool {
        sku == other.sku && title == other.title && unitPrice == other.unitPrice && currency == other.currency && loaded == other.loaded
            && limitPerUser == other.limitPerUser
    }
}
