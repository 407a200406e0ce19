import SaleCore
import SaleService

/// The books of every SKU and what is wrong with them.
struct AuditReport: Encodable {
    private struct Line: Encodable {
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

        /// A line for each breach.
        var verdict: String {
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

    func print() {
        var table = TextTable(columns: [
            ("SALE", .left, true), ("SKU", .left, true), ("LOADED", .right, false), ("AVAILABLE", .right, false), ("IN FLIGHT", .right, false),
            ("LIVE", .right, false), ("COMMITTED", .right, false), ("VERDICT", .left, false),
        ])
        for line in balances {
            table.add(
                line.sale, line.sku, String(line.loaded), line.available.map(String.init) ?? "-", String(line.inFlight), String(line.live),
                String(line.committed), line.verdict)
        }
        table.print(fitting: TextTable.usualWidth, wraps: true)
    }
}
