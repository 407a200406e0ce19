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

        let sale: SaleID
        let drift: Drift

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(sale.rawValue, forKey: .sale)
            try container.encode(drift.sku.rawValue, forKey: .sku)
            try container.encodeIfPresent(drift.available, forKey: .available)
            try container.encode(drift.expected, forKey: .expected)
            try container.encode(drift.units, forKey: .units)
            try container.encode(drift.surplusOrders.map(SurplusLine.init), forKey: .surplusOrders)
            try container.encode(drift.missingOrders.map(\.description), forKey: .missingOrders)
            try container.encode(drift.isCertain, forKey: .isCertain)
        }

        var differs: Bool { drift.isCertain && !drift.isNone }
        var verdict: String { differs ? "differs" : drift.isCertain ? "ok" : "moving" }
    }

    private struct SurplusLine: Encodable {
        private enum CodingKeys: String, CodingKey {
            case order, user, quantity, key
            case isRecorded = "recorded"
        }

        let order: String
        let user: String
        let quantity: Int
        let key: String?
        let isRecorded: Bool

        init(_ surplus: SurplusOrder) {
            order = "\(surplus.held.order)"
            user = surplus.held.user.rawValue
            quantity = surplus.held.quantity
            key = surplus.held.key?.rawValue
            isRecorded = surplus.isRecorded
        }
    }

    private var items: [Line] = []

    mutating func add(_ drifts: [Drift], of sale: SaleID) {
        items += drifts.map { Line(sale: sale, drift: $0) }
    }

    mutating func replace(_ sale: SaleID, with drifts: [Drift]) {
        items.removeAll { $0.sale == sale }
        add(drifts, of: sale)
    }

    var differs: Bool { items.contains(where: \.differs) }

    /// Each once, in the order of the report.
    func salesRepaired(by lost: LostOrders) -> [SaleID] {
        var sales: [SaleID] = []
        for line in items where line.differs && line.drift.isRepaired(by: lost) && sales.last != line.sale { sales.append(line.sale) }
        return sales
    }

    /// Orders that Redis counts and Postgres has lost.
    var lostOrders: Int { items.reduce(0) { $0 + $1.drift.surplusOrders.count { !$0.isRecorded } } }

    var isUncertain: Bool { items.contains { !$0.drift.isCertain } }

    func print(_ format: ReportFormat) {
        var table = TextTable(columns: [
            ("SALE", .left, true), ("SKU", .left, true), ("AVAILABLE", .right, false), ("EXPECTED", .right, false), ("UNITS", .right, false),
            ("SURPLUS", .right, false), ("MISSING", .right, false), ("VERDICT", .left, false),
        ])
        for line in items {
            let drift = line.drift
            table.add(
                line.sale.rawValue, drift.sku.rawValue, drift.available.map(String.init) ?? "-", String(drift.expected),
                drift.units > 0 ? "+\(drift.units)" : String(drift.units),
                String(drift.surplusOrders.count), String(drift.missingOrders.count), line.verdict)
        }
        table.print(fitting: format == .wide ? nil : TextTable.usualWidth)
        printSurplus()
    }

    private func printSurplus() {
        var table = TextTable(
            ("SURPLUS ORDER", .left), ("SALE", .left), ("SKU", .left), ("USER", .left), ("QUANTITY", .right), ("KEY", .left), ("IN POSTGRES", .left))
        for line in items {
            for surplus in line.drift.surplusOrders {
                let held = surplus.held
                table.add(
                    "\(held.order)", line.sale.rawValue, held.sku.rawValue, held.user.rawValue, String(held.quantity), held.key?.rawValue ?? "-",
                    surplus.isRecorded ? "ended" : "lost")
            }
        }
        if table.isEmpty { return }
        Console.data("")
        table.print()
    }
}
