package import Logging
package import NIOCore
package import PostgresLedger
package import RedisStock
package import SaleService

/// Postgres and Redis, reached and checked.
package struct Stores: Sendable {
    let redisURL: RedisURL
    let databaseAddress: PostgresAddress
    package let redis: RedisStockStore
    let sessions: PostgresSessions
    package let catalog: PostgresCatalog
    package let orders: PostgresOrders
    package let life: PostgresOrderLife
    let timelines: TimelineShare

    package var feed: PostgresFeed { PostgresFeed(sessions: sessions) }
    package var webhooks: PostgresWebhooks { PostgresWebhooks(sessions: sessions) }

    /// The writers', one each.
    package var journals: [PostgresJournal] { sessions.journals }
    /// For sweeps, rebuilds and abandoned orders.
    package var recoveryJournal: PostgresJournal { sessions.recoveryJournal }

    var ports: StorePorts {
        StorePorts(
            stock: redis, journals: journals.map { JournalPort($0, executor: $0.executor) }, recoveryJournal: recoveryJournal, ledger: catalog,
            orders: orders, life: life, timelines: timelines)
    }

    /// - Throws: `StartError`, one line that names the server which does not answer and where it
    ///   was looked for.
    package static func open(_ settings: Settings, group: any EventLoopGroup, logger: Logger) async throws(StartError) -> Stores {
        let redisURL: RedisURL
        do { redisURL = try RedisURL(settings.redisURL) } catch {
            throw .setting(SettingsError("SECKILL_REDIS_URL is \(error)"))
        }
        guard !settings.databaseURL.isEmpty else { throw .setting(.noDatabase) }
        let address: PostgresAddress
        do { address = try PostgresAddress(settings.databaseURL) } catch {
            throw .setting(SettingsError("SECKILL_DATABASE_URL is \(error)"))
        }
        let sessions = PostgresSessions(address: address)
        let orders = PostgresOrders(sessions: sessions)
        await sessions.surveyTimelines()
        try await requirePostgres(orders, address)
        try await refusePooling(sessions)
        let redis = RedisStockStore(url: redisURL, eventLoopGroup: group, logger: logger)
        do { try await redis.connect() } catch {
            await redis.close()
            throw StartError(error, of: redisURL)
        }
        do { try await refuseCluster(redis, redisURL) } catch {
            await redis.close()
            throw error
        }
        let timelines = TimelineShare(memory: PostgresTimelines.seen, store: redis)
        do {
            // The other nodes may know of a successor of the Postgres that was found.
            try await timelines.share()
        } catch {
            logger.debug("timelines not shared yet", metadata: [LogKey.error: "\(error)"])
        }
        do { try await requirePostgres(orders, address) } catch {
            await redis.close()
            throw error
        }
        return Stores(
            redisURL: redisURL, databaseAddress: address, redis: redis, sessions: sessions, catalog: PostgresCatalog(sessions: sessions),
            orders: orders,
            life: PostgresOrderLife(sessions: sessions), timelines: timelines)
    }

    private static func requirePostgres(_ orders: PostgresOrders, _ address: PostgresAddress) async throws(StartError) {
        guard let error = await orders.ping() else { return }
        throw .unavailable("Postgres does not answer, or not as it must (SECKILL_DATABASE_URL, \(address)): \(error.reason)")
    }

    private static func refuseCluster(_ redis: RedisStockStore, _ url: RedisURL) async throws(StartError) {
        let isCluster: Bool
        do { isCluster = try await redis.identity().isCluster } catch { throw StartError(error, of: url) }
        guard isCluster else { return }
        throw .unavailable(
            "Redis runs as part of a cluster (SECKILL_REDIS_URL, \(url)): a sale needs all its keys in one Redis; use one with cluster-enabled no")
    }

    /// What Redis refuses may be a matter of time, as with a replica, a full disk or an ACL that is
    /// being written: a node waits for it, unready.
    func warnOfRedis(_ logger: Logger) async {
        do throws(StoreError) {
            try await redis.probe()
            for advice in RedisAdvice.advice(on: try await redis.settings() ?? [:]) { logger.warning("Redis: \(advice)") }
        } catch {
            logger.warning("Redis refuses what sales need", metadata: [LogKey.error: "\(error.reason)"])
        }
    }

    private static func refusePooling(_ sessions: PostgresSessions) async throws(StartError) {
        guard (try? await sessions.isPooledByTransaction()) == true else { return }
        throw .unavailable(
            """
            SECKILL_DATABASE_URL leads to a pooler that gives each transaction another session (PgBouncer with pool_mode=transaction or statement); \
            session mode works: set pool_mode=session for this database, or connect to Postgres itself
            """)
    }

    /// - Throws: `JournalError` when Postgres does not hold the schema, or an earlier one.
    func requireSchema() async throws(JournalError) {
        _ = try await catalog.sales()
        // What every commit writes to, and the newest part of the schema.
        _ = try await feed.events(after: .beginning, countMax: 1, types: nil)
    }

    /// What an operator should change, one sentence each.
    func warnings() async throws(JournalError) -> [String] {
        let warnings = [try await sessions.sessionRoom().warning(nodes: 2), try await standbyWarning()].compactMap(\.self)
        // Advice is no reason not to start: a hardened database may not show its settings.
        let settings = (try? await sessions.settings()) ?? [:]
        return warnings + PostgresAdvice.advice(on: settings).map { "Postgres: \($0)" }
    }

    func standbyWarning() async throws(JournalError) -> String? {
        guard try await sessions.isFollowedAsynchronously() else { return nil }
        return
            "a standby follows Postgres, and synchronous_standby_names is empty: a failover to it would lose orders that buyers were told are confirmed"
    }

    package func close() async {
        await redis.close()
    }
}

extension JournalError {
    /// The reason alone, for a person.
    package var reason: String {
        switch self {
        case .unavailable(let reason), .outcomeUnknown(let reason): reason
        case .failed(let reason, let sqlState): "\(reason) (SQLSTATE \(sqlState))"
        }
    }
}

extension StartError {
    static func schema(_ error: JournalError) -> StartError {
        .unavailable("Postgres does not hold the schema, or not this one (run `seckill migrate`): \(error.reason)")
    }

    init(_ error: StoreError, of url: RedisURL) {
        self =
            error.isAccessDenied
            ? .denied("Redis refuses us (SECKILL_REDIS_URL, \(url)): \(error.reason)")
            : .unavailable("Redis does not answer (SECKILL_REDIS_URL, \(url)): \(error.reason)")
    }
}

extension StoreError {
    /// The reason alone, for a person.
    package var reason: String {
        switch self {
        case .notSent(let reason), .outcomeUnknown(let reason), .refused(let reason): reason
        case .scriptMissing: "it does not know the script"
        }
    }
}
