import CoreMetrics
import HTTPFront
import SaleService

/// The process's metrics: swift-metrics can be given its backend only once.
enum ProcessMetricsRegistry {
    static let shared: PrometheusRegistry = {
        let registry = PrometheusRegistry(help: ServiceMetrics.help.merging(FrontMetrics.help) { $1 })
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}
