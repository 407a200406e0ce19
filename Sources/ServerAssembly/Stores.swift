package import Logging
package import NIOCore
package import PostgresLedger
package import RedisStock
package import SaleService

/// Postgres and Redis, reached and checked.
package struct Stores: Sendable {
    let redisURL: RedisURL
    let databaseAddress: PostgresAddress
    package let redis: RedisStock
    package let catalog: PostgresCatalog
    /// The writer's own.
    package let journal: PostgresJournal
    /// For sweeps, rebuilds and abandoned orders, so that they never wait behind the writer, nor it behind them.
    package let recoveryJournal: PostgresJournal
    package let orders: PostgresOrders
    package let life: PostgresOrderLife

    /// - Throws: `StartError`, one line that names the server which does not answer and where it was looked for.
    package static func open(_ settings: Settings, group: any EventLoopGroup, logger: Logger) async throws(StartError) -> Stores {
        let redisURL: RedisURL
        do { redisURL = try RedisURL(settings.redisURL) } catch {
            throw .setting(SettingsError("SECKILL_REDIS_URL is \(error)"))
        }
        guard !settings.databaseURL.isEmpty else {
            throw .setting(SettingsError("SECKILL_DATABASE_URL is not set: give a libpq URI or conninfo"))
        }
        let address: PostgresAddress
        do { address = try PostgresAddress(settings.databaseURL) } catch {
            throw .setting(SettingsError("SECKILL_DATABASE_URL is \(error)"))
        }
        let orders = PostgresOrders(address: address)
        if let error = await orders.ping() {
            throw .unavailable("Postgres does not answer (SECKILL_DATABASE_URL, \(address)): \(error.reason)")
        }
        let redis = RedisStock(url: redisURL, eventLoopGroup: group, logger: logger)
        do { try await redis.connect() } catch {
            await redis.close()
            throw .unavailable("Redis does not answer (SECKILL_REDIS_URL, \(redisURL)): \(error.reason)")
        }
        return Stores(
            redisURL: redisURL, databaseAddress: address, redis: redis, catalog: PostgresCatalog(address: address),
            journal: PostgresJournal(address: address), recoveryJournal: PostgresJournal(address: address), orders: orders,
            life: PostgresOrderLife(address: address))
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

extension StoreError {
    /// The reason alone, for a person.
    package var reason: String {
        switch self {
        case .notSent(let reason), .outcomeUnknown(let reason), .refused(let reason): reason
        case .scriptMissing: "it does not know the script"
        }
    }
}
