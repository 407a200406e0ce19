import HTTPTypes
import Hummingbird
import NIOCore

/// The routes of the admin port, which is never exposed.
package enum AdminRoutes {
    package struct Dependencies: Sendable {
        let readiness: @Sendable () async -> [ReadinessCheck]
        let metrics: PrometheusRegistry

        package init(readiness: @escaping @Sendable () async -> [ReadinessCheck], metrics: PrometheusRegistry) {
            self.readiness = readiness
            self.metrics = metrics
        }
    }

    package static let all: [Route<Dependencies>] = [
        Route("live", .get, "/livez", nil) { _ in HealthRoutes.live },
        Route("ready", .get, "/readyz", nil) { HealthRoutes(readiness: $0.readiness).ready },
        Route("metrics", .get, "/metrics", nil) { MetricsRoutes(registry: $0.metrics).scrape },
        Route("listProblems", .get, "/problems", nil) { _ in ProblemRoutes.list },
        Route("showProblem", .get, "/problems/{code}", nil) { _ in ProblemRoutes.show },
    ]
}

/// `/metrics`, for Prometheus.
private struct MetricsRoutes {
    let registry: PrometheusRegistry

    @Sendable func scrape(_ request: Request, _ context: FrontContext) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: registry.exposition() + ProcessMetrics.read().exposition)))
    }
}
