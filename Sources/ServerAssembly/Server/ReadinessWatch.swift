import HTTPFront
import Metrics
import SaleCore
import ServiceLifecycle

/// Asks once a second what `/readyz` asks, so that a scrape has it without waiting for a store that hangs.
struct ReadinessWatch: Service {
    private static let interval = Duration.seconds(1)

    private let checks: @Sendable () async -> [ReadinessCheck]
    private let ready = Gauge(label: "ready")
    private let draining = Gauge(label: "draining")
    private let redis = Gauge(label: "redis_up")
    private let postgres = Gauge(label: "postgres_up")

    init(checks: @escaping @Sendable () async -> [ReadinessCheck]) {
        self.checks = checks
        Gauge(label: "build_info", dimensions: [("version", Release.version)]).record(1)
    }

    /// What each metric says, by its label; for the exposition's HELP lines.
    static let help: [String: String] = [
        "ready": "Whether this node should be sent purchases, as /readyz says.",
        "draining": "Whether this node is being stopped.",
        "redis_up": "Whether a Redis primary answers that lets this node sell.",
        "postgres_up": "Whether a Postgres answers that takes writes.",
        "build_info": "Always 1; the version of the program stands in the label.",
    ]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                record(await checks())
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func record(_ checks: [ReadinessCheck]) {
        func isOK(_ name: String) -> Bool { checks.first { $0.name == name }?.isOK ?? false }
        ready.record(checks.allSatisfy(\.isOK) ? 1 : 0)
        draining.record(isOK("draining") ? 0 : 1)
        redis.record(isOK("redis") ? 1 : 0)
        postgres.record(isOK("postgres") ? 1 : 0)
    }
}
