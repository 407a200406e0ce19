import HTTPFront
import Metrics
import SaleCore
import SaleService
import ServiceLifecycle
import Synchronization

/// Asks once a second what `/readyz` asks, and says once a second what it knows: a store that hangs
/// holds up neither a scrape nor what is said of this node.
final class ReadinessWatch: Service {
    private static let interval = Duration.seconds(1)
    /// Whoever asks `/readyz` gets no answer while a check hangs, and takes that for a no.
    private static let patienceNanoseconds: UInt64 = 3_000_000_000

    private let checks: @Sendable () async -> [ReadinessCheck]
    private let drain: DrainState
    /// What was answered the last time, and when.
    private let last = Mutex<(checks: [ReadinessCheck], at: MonotonicInstant)>(([], .earliest))
    private let ready = Gauge(label: "ready")
    private let draining = Gauge(label: "draining")
    private let redis = Gauge(label: "redis_up")
    private let postgres = Gauge(label: "postgres_up")

    init(checks: @escaping @Sendable () async -> [ReadinessCheck], drain: DrainState) {
        self.checks = checks
        self.drain = drain
        Gauge(label: "build_info", dimensions: [("commit", Build.current.commit), ("version", Release.version)]).record(1)
    }

    /// What each metric says, by its label; for the exposition's HELP lines.
    static let help: [String: String] = [
        "ready": "Whether this node should be sent purchases, as /readyz says.",
        "draining": "Whether this node is being stopped.",
        "redis_up": "Whether a Redis primary answers that lets this node sell.",
        "postgres_up": "Whether a Postgres answers that takes writes.",
        "build_info": "Always 1; the version of the program and its commit stand in the labels.",
    ]

    /// What was found the last time, by name: empty for what is well. Nothing while no answer
    /// comes.
    var found: [String: String] {
        let last = last.withLock { $0 }
        guard isFresh(last.at) else { return [:] }
        return Dictionary(last.checks.map { ($0.name, $0.isOK ? "" : $0.detail.isEmpty ? "not well" : $0.detail) }) { $1 }
    }

    private func isFresh(_ at: MonotonicInstant) -> Bool { at.duration(to: monotonicNow()) <= Self.patienceNanoseconds }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        let found = await self.checks()
                        self.last.withLock { $0 = (found, monotonicNow()) }
                        try? await Task.sleep(for: Self.interval)
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        self.record(self.last.withLock { $0 })
                        try? await Task.sleep(for: Self.interval)
                    }
                }
            }
        }
    }

    private func record(_ last: (checks: [ReadinessCheck], at: MonotonicInstant)) {
        func isOK(_ name: String) -> Bool { last.checks.first { $0.name == name }?.isOK ?? false }
        let isAnswered = !last.checks.isEmpty && isFresh(last.at)
        ready.record(isAnswered && last.checks.allSatisfy(\.isOK) ? 1 : 0)
        draining.record(drain.isAnnounced ? 1 : 0)
        redis.record(isOK("redis") ? 1 : 0)
        postgres.record(isOK("postgres") ? 1 : 0)
    }
}
