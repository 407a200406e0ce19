/// How both stores are, for the people who run them. One that does not answer is told of, too.
package struct StoreStandings: Sendable {
    package struct Redis: Sendable, Equatable {
        package var identity: StoreIdentity
        /// Of one question.
        package var latencyNanoseconds: UInt64

        package init(identity: StoreIdentity, latencyNanoseconds: UInt64) {
            self.identity = identity
            self.latencyNanoseconds = latencyNanoseconds
        }
    }

    package struct Standby: Sendable, Equatable {
        /// What the database's user may not see is `nil`.
        package var name: String?
        package var state: String?
        /// `sync`, `quorum`, `potential` or `async`.
        package var synchrony: String?
        /// Of the log that it has not applied.
        package var lagBytes: Int64?
        package var lagMilliseconds: Int64?

        package init(name: String?, state: String?, synchrony: String?, lagBytes: Int64?, lagMilliseconds: Int64?) {
            self.name = name
            self.state = state
            self.synchrony = synchrony
            self.lagBytes = lagBytes
            self.lagMilliseconds = lagMilliseconds
        }
    }

    package struct Postgres: Sendable, Equatable {
        package var isPrimary: Bool
        package var takesWrites: Bool
        package var version: String
        package var databaseBytes: Int64
        /// With their indexes; `nil` without the schema.
        package var ordersBytes: Int64?
        /// Since the oldest transaction under way began, of those that the database's user may see;
        /// `nil` when there is none.
        package var oldestTransactionMilliseconds: Int64?
        package var standbys: [Standby]
        /// Of one question.
        package var latencyNanoseconds: UInt64

        package init(
            isPrimary: Bool, takesWrites: Bool, version: String, databaseBytes: Int64, ordersBytes: Int64?, oldestTransactionMilliseconds: Int64?,
            standbys: [Standby], latencyNanoseconds: UInt64
        ) {
            self.isPrimary = isPrimary
            self.takesWrites = takesWrites
            self.version = version
            self.databaseBytes = databaseBytes
            self.ordersBytes = ordersBytes
            self.oldestTransactionMilliseconds = oldestTransactionMilliseconds
            self.standbys = standbys
            self.latencyNanoseconds = latencyNanoseconds
        }
    }

    /// Where it is, without secrets.
    package var redisAddress: String
    package var postgresAddress: String
    package var redis: Result<Redis, StoreError>
    package var postgres: Result<Postgres, JournalError>

    package init(redisAddress: String, postgresAddress: String, redis: Result<Redis, StoreError>, postgres: Result<Postgres, JournalError>) {
        self.redisAddress = redisAddress
        self.postgresAddress = postgresAddress
        self.redis = redis
        self.postgres = postgres
    }
}
