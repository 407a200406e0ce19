import SaleCore
import SaleService

/// The books of every SKU and what is wrong with them.
struct AuditReport: Encodable {
    struct Line: Listed {
        private enum CodingKeys: String, CodingKey {
            case sale, sku, loaded, available, live, committed, breaches
            case inFlight = "in_flight"
            case isSettled = "settled"
        }

        let sale: String
        let sku: String
        let loaded: Int64
        let available: Int64?
        let inFlight: Int64
        let live: Int64
        let committed: Int64
        let isSettled: Bool
        let breaches: [String]

        static let plural = "balances"
        static var isWrapped: Bool { true }
        static var columns: [Column<Line>] {
            [
                Column("sale", isFlexible: true) { $0.sale },
                Column("sku", isFlexible: true) { $0.sku },
                Column("loaded", .none, .right) { String($0.loaded) },
                Column("available", .none, .right, data: { $0.available.map(String.init) ?? "" }) { $0.available.map(String.init) ?? "-" },
                Column("in_flight", .none, .right) { String($0.inFlight) },
                Column("live", .none, .right) { String($0.live) },
                Column("committed", .none, .right) { String($0.committed) },
                Column("settled", isWide: true) { String($0.isSettled) },
                Column("breaches", "VERDICT", data: { $0.breaches.joined(separator: "; ") }) { $0.verdict },
            ]
        }

        var name: String { sku }

        /// A line for each breach.
        private var verdict: String {
            breaches.isEmpty ? (isSettled ? "ok" : "moving") : breaches.joined(separator: "\n")
        }
    }

    private let balances: [Line]
    let balanced: Bool

    init(_ audits: [SaleAudit]) {
        balances = audits.flatMap { audit in
            audit.balances.map { balance in
                Line(
                    sale: balance.sale.rawValue, sku: balance.sku.rawValue, loaded: balance.loaded, available: balance.available,
                    inFlight: balance.inFlight, live: balance.inLiveOrders, committed: balance.committed, isSettled: audit.isSettled,
                    breaches: audit.breaches(of: balance).map { "\($0)" })
            }
        }
        balanced = balances.allSatisfy(\.breaches.isEmpty)
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try JSONOutput.print(self)
        case .yaml: try YAMLOutput.print(self)
        case .table, .wide, .csv, .ndjson, .name: try ListWriter.print(balances, format)
        }
    }
}
