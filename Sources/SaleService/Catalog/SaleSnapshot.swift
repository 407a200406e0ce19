package import SaleCore

/// What operators said of a sale. One object for all who use it, as long as Postgres says the same.
package final class SaleTerms: Sendable {
    package let sale: Sale
    package let items: [SKU: SaleItem]

    package init(_ sale: Sale) {
        self.sale = sale
        items = Dictionary(sale.items.map { ($0.sku, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether `soldOut`, which are items of this sale, are all of them.
    func isSoldOut(_ soldOut: Set<SKU>) -> Bool { soldOut.count >= items.count && !items.isEmpty }
}

/// One sale as a node last saw it, in Postgres and in Redis. Never changes: a new look that finds a
/// difference makes a new one, so that whoever uses it compares references.
package final class SaleSnapshot: Sendable {
    package let terms: SaleTerms
    /// Units that Redis would still grant; `nil` when Redis does not hold the sale or has not
    /// answered.
    package let stock: [SKU: StockReading.Item]?
    /// Items that are known to have no unit left.
    package let soldOut: Set<SKU>
    /// Redis holds the sale in the epoch of Postgres, on the Redis for which that epoch was proven.
    package let isProven: Bool
    /// No grant waited for Postgres when Redis was read.
    package let isLogEmpty: Bool

    package init(_ terms: SaleTerms, stock: [SKU: StockReading.Item]?, soldOut: Set<SKU>, isProven: Bool, isLogEmpty: Bool) {
        self.terms = terms
        self.stock = stock
        self.soldOut = soldOut
        self.isProven = isProven
        self.isLogEmpty = isLogEmpty
    }

    package convenience init(sale: Sale, stock: [SKU: StockReading.Item]?, isProven: Bool) {
        self.init(
            SaleTerms(sale), stock: stock, soldOut: Set((stock ?? [:]).lazy.filter(\.value.isSoldOut).map(\.key)),
            isProven: isProven, isLogEmpty: true)
    }

    package var sale: Sale { terms.sale }
    package var id: SaleID { terms.sale.id }

    /// Every item is known to have no unit left.
    package var isSoldOut: Bool { terms.isSoldOut(soldOut) }

    /// A purchase lane, which counts no units, need not hear of the step from `other` to this.
    func isSameToLanes(as other: SaleSnapshot?) -> Bool {
        guard let other else { return false }
        return terms === other.terms && isProven == other.isProven && soldOut == other.soldOut
    }
}
