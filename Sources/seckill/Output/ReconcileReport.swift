import SaleCore
import SaleService

/// Where Redis and Postgres differ, item by item.
struct ReconcileReport: Encodable {
    private struct Line: Encodable {
        private enum CodingKeys: String, CodingKey {
            case sale, sku, available, expected, units
            case surplusOrders = "surplus_orders"
            case missingOrders = "missing_orders"
            case isCertain = "certain"
        }

        let sale: String
        let sku: String
        let available: Int64?
        let expected: Int64
        let units: Int64
        let surplusOrders: [String]
        let missingOrders: [String]
        let isCertain: Bool

        init(_ drift: Drift, of sale: SaleID) {
            self.sale = sale.rawValue
            sku = drift.sku.rawValue
            available = drift.available
            expected = drift.expected
            units = drift.units
            surplusOrders = drift.surplusOrders.map(\.description)
            missingOrders = drift.missingOrders.map(\.description)
            isCertain = drift.isCertain
        }

        var differs: Bool { isCertain && (available != expected || !surplusOrders.isEmpty || !missingOrders.isEmpty) }
        var verdict: String { differs ? "differs" : isCertain ? "ok" : "moving" }
    }

    private var items: [Line] = []

    mutating func add(_ drifts: [Drift], of sale: SaleID) {
        items += drifts.map { Line($0, of: sale) }
    }

    mutating func replace(_ sale: SaleID, with drifts: [Drift]) {
        items.removeAll { $0.sale == sale.rawValue }
        add(drifts, of: sale)
    }

    /// Each once, in the order of the report.
    var salesThatDiffer: [SaleID] {
        var sales: [SaleID] = []
        for line in items where line.differs {
            if let sale = SaleID(line.sale), sales.last != sale { sales.append(sale) }
        }
        return sales
    }

    var isUncertain: Bool { items.contains { !$0.isCertain } }

    func print() {
        var table = TextTable(
            ("SALE", .left), ("SKU", .left), ("AVAILABLE", .right), ("EXPECTED", .right), ("UNITS", .right), ("SURPLUS ORDERS", .right),
            ("MISSING ORDERS", .right), ("VERDICT", .left))
        for line in items {
            table.add(
                line.sale, line.sku, line.available.map(String.init) ?? "-", String(line.expected),
                line.units > 0 ? "+\(line.units)" : String(line.units),
                String(line.surplusOrders.count), String(line.missingOrders.count), line.verdict)
        }
        table.print()
    }
}
