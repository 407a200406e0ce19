import SaleCore
import SaleService

/// What happened between two looks at the fleet.
struct TopReport {
    struct Look {
        var nodes: [NodeHeartbeat]
        var sales: [SaleReading]
        var at: Timestamp
    }

    private let earlier: Look
    private let later: Look
    private let figures: FleetFigures

    init(from earlier: Look, to later: Look) {
        self.earlier = earlier
        self.later = later
        figures = FleetFigures(from: earlier.nodes, to: later.nodes)
    }

    private var seconds: Double { max(0.001, Double(later.at.milliseconds - earlier.at.milliseconds) / 1_000) }

    /// Purchases a second by outcome, most first.
    private var rates: [(outcome: String, rate: Double)] {
        figures.counts(of: "seckill_purchases_total", by: "outcome").map { ($0.key, $0.value / seconds) }.filter { $0.1 > 0 }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    var line: String {
        let rates = rates.map { "\($0.outcome)=\(Int($0.rate.rounded()))/s" }
        let stock = later.sales.flatMap { sale in sale.sale.items.map { "\(sale.sale.id)/\($0.sku)=\(left(of: $0, in: sale))" } }
        return (["\(later.at)", nodes, latency, "queue=\(queue)"] + rates + stock).joined(separator: "  ")
    }

    var screen: String {
        var lines = ["\(later.at)  \(nodes)  queue \(queue)  \(latency)"]
        lines.append(rates.isEmpty ? "no purchases" : rates.map { "\($0.outcome) \(Int($0.rate.rounded()))/s" }.joined(separator: "  "))
        for node in later.nodes {
            lines.append("  node \(node.id)  \(node.address)  \(node.isDraining ? "draining" : node.isReady ? "ready" : "not ready")")
        }
        for sale in later.sales {
            lines.append("\(sale.sale.id)  \(sale.sale.phase(at: later.at, isSoldOut: sale.isSoldOut).rawValue)")
            for item in sale.sale.items {
                lines.append("  \(item.sku)  \(left(of: item, in: sale)) left of \(item.loaded)\(burnDown(of: item, in: sale))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private var nodes: String { "\(later.nodes.count { $0.isReady && !$0.isDraining }) of \(later.nodes.count) nodes ready" }

    private var queue: Int { Int(FleetFigures(of: later.nodes).sum(of: "seckill_queue_orders")) }

    private var latency: String {
        func text(_ quantile: Double) -> String {
            guard let seconds = figures.quantile(quantile, of: "seckill_purchase_duration_seconds") else { return "-" }
            return seconds.isFinite ? "≤ \((seconds * 100_000).rounded() / 100) ms" : "> 30 s"
        }
        return "p50 \(text(0.5))  p99 \(text(0.99))"
    }

    private func left(of item: SaleItem, in sale: SaleReading) -> Int64 { sale.available(of: item.sku) ?? item.loaded - item.committed }

    /// How fast units go, and how long they last at that.
    private func burnDown(of item: SaleItem, in sale: SaleReading) -> String {
        guard let before = earlier.sales.first(where: { $0.sale.id == sale.sale.id }),
            let old = before.sale.items.first(where: { $0.sku == item.sku })
        else { return "" }
        let rate = Double(left(of: old, in: before) - left(of: item, in: sale)) / seconds
        guard rate > 0 else { return "" }
        return "  −\(Int(rate.rounded()))/s, \(Int((Double(left(of: item, in: sale)) / rate).rounded(.up))) s left"
    }
}
