import HTTPFront
import Logging
import SaleCore
import SaleService
import ServiceLifecycle

/// What this node says of itself.
struct Heartbeats: Sendable {
    let stores: Stores
    let catalog: CatalogStore
    let metrics: PrometheusRegistry
    let watch: ReadinessWatch
    let drain: DrainState
    let addresses: @Sendable () -> (public: ListenAddress, admin: ListenAddress)
    let wishes: DrainWish
    let logger: Logger

    /// Families whose figures others sum up or compare.
    private static let families = [
        "seckill_purchases_total", "seckill_purchase_duration_seconds", "seckill_commit_duration_seconds", "seckill_requests_shed_total",
        "seckill_queue_orders", "seckill_admitted_purchases", "seckill_connections_open", "seckill_streams_open", "seckill_webhook_lag_seconds",
        "seckill_queue_age_seconds", "seckill_event_loop_lag_seconds",
    ]

    var service: any Service {
        let startedAt = Timestamp.wallClock
        return HeartbeatService(node: NodeName.ofThisProcess, directory: stores.redis, catalog: catalog, ServiceContext(logger: logger)) {
            revisions in
            let addresses = addresses()
            var figures = metrics.figures(of: Self.families)
            let process = ProcessMetrics.read()
            figures["process_cpu_seconds_total"] = process.cpuSeconds
            figures["process_resident_memory_bytes"] = process.residentBytes.map(Double.init)
            return NodeHeartbeat(
                id: NodeName.ofThisProcess, version: Release.version, startedAt: startedAt, address: "\(addresses.public)",
                adminAddress: "\(addresses.admin)", isDraining: drain.isAnnounced, checks: watch.found, revisions: revisions, figures: figures)
        } onWish: { wish in
            switch wish {
            case .drain: wishes.express()
            }
        }
    }
}
