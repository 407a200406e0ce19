import CoreMetrics
import HTTPFront
import SaleService

/// The process's metrics: swift-metrics can be given its backend only once.
enum ProcessMetricsRegistry {
    static let shared: PrometheusRegistry = {
        let registry = PrometheusRegistry(
            help: [
                ServiceMetrics.help, StoreMetrics.help, FrontMetrics.help, RequestCounts.help, ReadinessWatch.help, StockWatch.help,
                WebhookMetrics.help,
            ].reduce(
                into: [:]) { all, some in
                    all.merge(some) { $1 }
                })
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}
