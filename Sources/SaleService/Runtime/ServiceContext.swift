package import Logging

/// What nearly every part of the service works with.
package struct ServiceContext: Sendable {
    package let runtime: Runtime
    package let metrics: ServiceMetrics
    package let logger: Logger

    package init(runtime: Runtime = .system, metrics: ServiceMetrics = ServiceMetrics(), logger: Logger) {
        self.runtime = runtime
        self.metrics = metrics
        self.logger = logger
    }
}
