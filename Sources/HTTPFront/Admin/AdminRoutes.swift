package import Hummingbird
import NIOCore

/// The routes of the admin port, which is never exposed.
package enum AdminRoutes {
    package static func router(
        readiness: @escaping @Sendable () async -> [ReadinessCheck], metrics: PrometheusRegistry
    ) -> Router<FrontContext> {
        let router = Router(context: FrontContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware(.admin, report: nil))
        HealthRoutes(readiness: readiness).add(to: router)
        router.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.exposition() + ProcessMetrics.read().exposition)))
        }
        return router
    }
}
