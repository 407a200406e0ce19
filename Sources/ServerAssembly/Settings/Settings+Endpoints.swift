import HTTPFront
import Logging
import PostgresLedger
import RedisStock

extension Settings {
    /// Where Redis is, without what may be secret in it.
    package var redisEndpoint: String {
        (try? RedisURL(redisURL))?.description ?? "SECKILL_REDIS_URL is no Redis URL"
    }

    /// Where Postgres is, without what may be secret in it.
    package var databaseEndpoint: String {
        if databaseURL.isEmpty { return "SECKILL_DATABASE_URL is not set" }
        guard let address = try? PostgresAddress(databaseURL) else { return "SECKILL_DATABASE_URL is no libpq URI or conninfo" }
        return address.description.isEmpty ? "the default connection" : address.description
    }

    /// What the public port expects of the trusted proxies' connections; `nil` is nothing.
    func proxyProtocol(_ logger: Logger) -> ProxyProtocol? {
        usesProxyProtocol ? trustedProxies.map { ProxyProtocol(proxies: $0.value, logger: logger) } : nil
    }
}
