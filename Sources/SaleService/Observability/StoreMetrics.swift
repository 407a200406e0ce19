import Metrics

/// Connections to the stores, over all lanes and sessions of the process. Opened seldom, so that
/// the handles are looked up each time.
package enum StoreMetrics {
    package static func redisConnected() { Counter(label: "redis_connects").increment() }

    package static func postgresConnected() { Counter(label: "postgres_connects").increment() }

    /// What each metric says, by its label; for the exposition's HELP lines.
    package static let help: [String: String] = [
        "redis_connects": "Connections to Redis that were opened.",
        "postgres_connects": "Sessions of Postgres that were opened.",
    ]
}
