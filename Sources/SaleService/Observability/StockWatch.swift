import Metrics
import SaleCore
import ServiceLifecycle

/// Counts the units of open sales in both stores, for alerts. What it finds is not acted on:
/// `audit` looks closer.
///
/// Of Redis it knows what the looks have read, so that it costs Redis nothing.
package struct StockWatch: Service {
    private let ledger: any StockCounting
    private let catalog: CatalogStore
    private let runtime: Runtime

    init(ledger: any StockCounting, catalog: CatalogStore, runtime: Runtime) {
        self.ledger = ledger
        self.catalog = catalog
        self.runtime = runtime
    }

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help: [String: String] = [
        "stock_units": "Units of open sales: loaded, available in Redis, committed in Postgres.",
        "stock_missing_units":
            "Units of open sales that neither store accounts for; below zero, units that both do. As of the last time at which nothing was under way.",
    ]

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var memory = StockMemory()
            var gauges: [SaleID: Gauges] = [:]
            while !Task.isCancelled {
                try? await runtime.sleep(Limits.stockWatchInterval)
                let sales = open
                for id in gauges.keys where !sales.contains(where: { $0.id == id }) { gauges.removeValue(forKey: id)?.destroy() }
                guard let totals = try? await ledger.totals(of: sales.map(\.id)) else { continue }
                for figures in memory.compare(sales, totals) {
                    let gauge = gauges[figures.sale] ?? Gauges(figures.sale)
                    gauges[figures.sale] = gauge
                    gauge.record(figures)
                }
            }
            for gauge in gauges.values { gauge.destroy() }
        }
    }

    private var open: [SaleSnapshot] {
        guard let snapshot = catalog.snapshot else { return [] }
        let now = snapshot.clock.time(at: runtime.now())
        let open = snapshot.sales.values.filter { $0.sale.phase(at: now, isSoldOut: false) == .open }.sorted { $0.id < $1.id }
        return Array(open.prefix(Limits.stockWatchSalesMax))
    }

    private struct Gauges {
        let loaded, available, committed, missing: Gauge

        init(_ sale: SaleID) {
            func units(_ state: String) -> Gauge { Gauge(label: "stock_units", dimensions: [("sale", sale.rawValue), ("state", state)]) }
            loaded = units("loaded")
            available = units("available")
            committed = units("committed")
            missing = Gauge(label: "stock_missing_units", dimensions: [("sale", sale.rawValue)])
            missing.record(0)
        }

        /// Nobody counts a sale that is closed.
        func destroy() {
            for gauge in [loaded, available, committed, missing] { gauge.destroy() }
        }

        func record(_ figures: StockFigures) {
            loaded.record(figures.loaded)
            available.record(figures.available)
            committed.record(figures.committed)
            if let units = figures.missing { missing.record(units) }
        }
    }
}

/// The units of one sale in both stores.
struct StockFigures: Equatable {
    var sale: SaleID
    var loaded: Int64
    /// That Redis would still grant.
    var available: Int64
    var committed: Int64
    /// Below zero: units that exist twice. `nil` while something is under way, so that nobody can
    /// tell.
    var missing: Int64?
}

/// What was counted the last time: the two stores are read at different instants, and only what
/// stood still in between belongs together. Pure.
struct StockMemory {
    private var last: [SaleID: (snapshot: SaleSnapshot, totals: StockTotals)] = [:]

    mutating func compare(_ sales: [SaleSnapshot], _ totals: [SaleID: StockTotals]) -> [StockFigures] {
        var next: [SaleID: (snapshot: SaleSnapshot, totals: StockTotals)] = [:]
        var found: [StockFigures] = []
        for sale in sales {
            guard let counted = totals[sale.id], let stock = sale.stock else { continue }
            let available = stock.values.reduce(0) { $0 + $1.available }
            // A look that finds a difference makes another snapshot.
            let stoodStill = last[sale.id].map { $0.snapshot === sale && $0.totals == counted } ?? false
            let isAtRest = stoodStill && sale.isProven && sale.isLogEmpty && counted.moves == 0
            found.append(
                StockFigures(
                    sale: sale.id, loaded: counted.loaded, available: available, committed: counted.committed,
                    missing: isAtRest ? counted.loaded - available - counted.committed : nil))
            next[sale.id] = (sale, counted)
        }
        last = next
        return found
    }
}
