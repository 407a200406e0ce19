import SaleService

/// Both stores as operators see them.
struct OperatorStores: Encodable {
    private struct Redis: Encodable {
        private enum CodingKeys: String, CodingKey {
            case reachable, address, role, elected, version, error
            case runID = "run_id"
            case appendOnly = "append_only"
            case evictionPolicy = "eviction_policy"
            case latency = "latency_ms"
        }

        var reachable = false
        var address: String
        var runID: String?
        var role: String?
        var elected: Bool?
        var version: String?
        var appendOnly: Bool?
        var evictionPolicy: String?
        var latency: Double?
        var error: String?

        init(_ address: String, _ answer: Result<StoreStandings.Redis, StoreError>) {
            self.address = address
            switch answer {
            case .success(let standing):
                let identity = standing.identity
                reachable = true
                // Behind the slash stands what tells histories of one process apart.
                runID = String(identity.run.prefix { $0 != "/" })
                role = identity.isPrimary ? "primary" : "replica"
                elected = identity.isElected
                version = identity.version
                appendOnly = identity.isAppendOnly
                evictionPolicy = identity.evictionPolicy
                latency = milliseconds(standing.latencyNanoseconds)
            case .failure(let failure): error = "\(failure)"
            }
        }
    }

    private struct Standby: Encodable {
        private enum CodingKeys: String, CodingKey {
            case name, state
            case synchrony = "sync_state"
            case lagBytes = "lag_bytes"
            case lag = "lag_ms"
        }

        var name: String?
        var state: String?
        var synchrony: String?
        var lagBytes: Int64?
        var lag: Int64?

        init(_ standby: StoreStandings.Standby) {
            (name, state, synchrony) = (standby.name, standby.state, standby.synchrony)
            (lagBytes, lag) = (standby.lagBytes, standby.lagMilliseconds)
        }
    }

    private struct Sizes: Encodable {
        private enum CodingKeys: String, CodingKey {
            case database = "database_bytes"
            case orders = "orders_bytes"
        }

        var database: Int64
        var orders: Int64?
    }

    private struct Postgres: Encodable {
        private enum CodingKeys: String, CodingKey {
            case reachable, address, role, version, replication, sizes, error
            case takesWrites = "takes_writes"
            case latency = "latency_ms"
            case oldestTransaction = "oldest_transaction_seconds"
        }

        var reachable = false
        var address: String
        var role: String?
        var takesWrites: Bool?
        var version: String?
        var latency: Double?
        var replication: [Standby]?
        var sizes: Sizes?
        var oldestTransaction: Double?
        var error: String?

        init(_ address: String, _ answer: Result<StoreStandings.Postgres, JournalError>) {
            self.address = address
            switch answer {
            case .success(let standing):
                reachable = true
                role = standing.isPrimary ? "primary" : "standby"
                takesWrites = standing.takesWrites
                version = standing.version
                latency = milliseconds(standing.latencyNanoseconds)
                replication = standing.standbys.map(Standby.init)
                sizes = Sizes(database: standing.databaseBytes, orders: standing.ordersBytes)
                oldestTransaction = standing.oldestTransactionMilliseconds.map { Double($0) / 1_000 }
            case .failure(let failure): error = "\(failure)"
            }
        }
    }

    private let redis: Redis
    private let postgres: Postgres

    init(_ standings: StoreStandings) {
        redis = Redis(standings.redisAddress, standings.redis)
        postgres = Postgres(standings.postgresAddress, standings.postgres)
    }
}

/// With microseconds behind the point.
private func milliseconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1_000) / 1_000 }
