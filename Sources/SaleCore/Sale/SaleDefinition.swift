/// A sale as an operator writes it. `violations` tells what is wrong with it; nothing is applied
/// while there is any.
package struct SaleDefinition: Sendable, Equatable {
    package struct Item: Sendable, Equatable {
        package var sku: String
        package var title: String
        package var unitPrice: Int64
        package var currency: String
        package var stock: Int64
        package var limitPerUser: Int
        /// Where the item stands in its file, counted from 1; named in messages.
        package var line: Int?

        package init(sku: String, title: String, unitPrice: Int64, currency: String, stock: Int64, limitPerUser: Int, line: Int? = nil) {
            self.sku = sku
            self.title = title
            self.unitPrice = unitPrice
            self.currency = currency
            self.stock = stock
            self.limitPerUser = limitPerUser
            self.line = line
        }
    }

    package var sale: String
    package var title: String
    package var opensAt: Timestamp
    package var closesAt: Timestamp
    package var payWithinMilliseconds: Int64
    package var items: [Item]

    package init(sale: String, title: String, opensAt: Timestamp, closesAt: Timestamp, payWithinMilliseconds: Int64, items: [Item]) {
        self.sale = sale
        self.title = title
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.payWithinMilliseconds = payWithinMilliseconds
        self.items = items
    }
}

extension SaleDefinition {
    package static let titleBytesMax = 200
    /// Of one sale, whichever way they come into it: a call to Redis that concerns all items of a
    /// sale stops the others for some tenths of a second at most
    /// (`docs/decisions/0030-bounds-of-the-catalog.md`).
    package static let itemsMax = 10_000
    /// Far above any real stock, far below where sums of 64-bit integers overflow.
    package static let stockMax: Int64 = 1_000_000_000
    package static let unitPriceMax: Int64 = 1_000_000_000_000
    package static let limitPerUserMax = 1_000
    /// One second to thirty days.
    package static let payWithinRange: ClosedRange<Int64> = 1_000...2_592_000_000

    /// Everything that is wrong, in the order of the file; empty when the definition may be
    /// applied.
    package var violations: [Violation] {
        var found: [Violation] = []
        if SaleID(sale) == nil {
            found.append(Violation(field: "sale", reason: "must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit, not \"\(sale)\""))
        }
        found += violationsBesideItems
        if items.isEmpty { found.append(Violation(field: "items", reason: "must name at least one item")) }
        return found + Self.violations(of: items)
    }

    /// What is wrong with what the sale itself has, but for its name.
    package var violationsBesideItems: [Violation] {
        var found = Self.titleViolations(title, field: "title", line: nil)
        if closesAt <= opensAt {
            found.append(Violation(field: "closes_at", reason: "must be later than opens_at (\(closesAt) is not after \(opensAt))"))
        }
        if !Self.payWithinRange.contains(payWithinMilliseconds) {
            found.append(Violation(field: "pay_within", reason: "must be between 1s and 30d"))
        }
        return found
    }

    /// Everything that is wrong with a list of items, duplicates included. Of a list that is too
    /// long nothing else is said.
    package static func violations(of items: [Item]) -> [Violation] {
        if items.count > itemsMax { return [tooManyItems] }
        var found: [Violation] = []
        var firstUse: [String: Int] = [:]
        for (index, item) in items.enumerated() {
            func add(_ field: String, _ reason: String) {
                found.append(Violation(line: item.line, field: "items[\(index)].\(field)", reason: reason))
            }
            if SKU(item.sku) == nil { add("sku", "must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit, not \"\(item.sku)\"") }
            if let first = firstUse[item.sku] {
                add("sku", "\"\(item.sku)\" is already items[\(first)]")
            } else {
                firstUse[item.sku] = index
            }
            found += titleViolations(item.title, field: "items[\(index)].title", line: item.line)
            if !(0...unitPriceMax).contains(item.unitPrice) { add("unit_price", "must be between 0 and \(unitPriceMax), not \(item.unitPrice)") }
            if Currency(item.currency) == nil { add("currency", "must be three capital letters, not \"\(item.currency)\"") }
            if !(0...stockMax).contains(item.stock) { add("stock", "must be between 0 and \(stockMax), not \(item.stock)") }
            if !(1...limitPerUserMax).contains(item.limitPerUser) {
                add("limit_per_user", "must be between 1 and \(limitPerUserMax), not \(item.limitPerUser)")
            }
        }
        return found
    }

    package static let tooManyItems = Violation(field: "items", reason: "must be at most \(itemsMax)")

    private static func titleViolations(_ title: String, field: String, line: Int?) -> [Violation] {
        if title.isEmpty { return [Violation(line: line, field: field, reason: "must not be empty")] }
        if title.utf8.count > titleBytesMax { return [Violation(line: line, field: field, reason: "must be at most \(titleBytesMax) bytes")] }
        if title.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            return [Violation(line: line, field: field, reason: "must not contain control characters")]
        }
        return []
    }
}
