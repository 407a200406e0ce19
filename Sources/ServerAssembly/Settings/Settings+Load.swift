import Foundation
import HTTPFront
import Logging
import SaleCore
import SaleService

extension Settings {
    /// The names of all settings, as environment variables.
    package static let names = [
        "SECKILL_BIND", "SECKILL_ADMIN_BIND", "SECKILL_REDIS_URL", "SECKILL_DATABASE_URL", "SECKILL_AUTH", "SECKILL_JWT_SECRET_FILE",
        "SECKILL_JWKS_FILE", "SECKILL_JWKS_URL", "SECKILL_PAYMENT_SECRET_FILE", "SECKILL_LIMIT_PER_USER", "SECKILL_LIMIT_PER_IP",
        "SECKILL_LIMIT_TOTAL", "SECKILL_LIMIT_ORDERS", "SECKILL_TRUSTED_PROXIES", "SECKILL_PROXY_PROTOCOL",
        "SECKILL_COMMIT_WAIT", "SECKILL_IDLE_TIMEOUT", "SECKILL_DRAIN_DELAY", "SECKILL_DRAIN_DEADLINE", "SECKILL_QUEUE_CAPACITY",
        "SECKILL_EVENT_LOOPS", "SECKILL_LOG_LEVEL",
        "SECKILL_LOG_FORMAT", "SECKILL_ACCESS_LOG",
    ]

    /// Those that may also come from a file, named by the same name with `_FILE`.
    static let namesWithFile = ["SECKILL_REDIS_URL", "SECKILL_DATABASE_URL"]

    /// Reads all settings. `overrides` has the same names and wins over `environment`. A name that begins as ours do and is none is refused.
    package static func load(environment: [String: String], overrides: [String: String]) throws(SettingsError) -> Settings {
        try SettingNames.requireKnown(environment)
        let values = SettingValues(environment: environment, overrides: overrides)
        let auth = try values.auth()
        return Settings(
            bind: try values.address("SECKILL_BIND", default: ListenAddress(host: "127.0.0.1", port: 8080)),
            adminBind: try values.address("SECKILL_ADMIN_BIND", default: ListenAddress(host: "127.0.0.1", port: 9090)),
            redisURL: try values.secret("SECKILL_REDIS_URL") ?? "redis://127.0.0.1:6379/0",
            databaseURL: try values.secret("SECKILL_DATABASE_URL") ?? "",
            auth: auth,
            jwtSecretFile: values["SECKILL_JWT_SECRET_FILE"],
            jwksFile: values["SECKILL_JWKS_FILE"],
            jwksURL: values["SECKILL_JWKS_URL"],
            paymentSecretFile: values["SECKILL_PAYMENT_SECRET_FILE"],
            limitPerUser: try values.rateLimit("SECKILL_LIMIT_PER_USER", default: RateLimit(rate: 5, burst: 10)),
            limitPerAddress: try values.rateLimit("SECKILL_LIMIT_PER_IP", default: RateLimit(rate: 50, burst: 100)),
            limitTotal: try values.rateLimit("SECKILL_LIMIT_TOTAL", default: RateLimit(rate: 20_000, burst: 20_000)),
            limitOrders: try values.rateLimit("SECKILL_LIMIT_ORDERS", default: RateLimit(rate: 10, burst: 50)),
            trustedProxies: try values.trustedProxies("SECKILL_TRUSTED_PROXIES"),
            usesProxyProtocol: try values.usesProxyProtocol("SECKILL_PROXY_PROTOCOL", "SECKILL_TRUSTED_PROXIES"),
            commitWait: try values.duration("SECKILL_COMMIT_WAIT", default: .seconds(1), range: .milliseconds(1) ... .seconds(25)),
            idleTimeout: try values.duration(
                "SECKILL_IDLE_TIMEOUT", default: .seconds(Limits.idleTimeoutSeconds), range: .seconds(1) ... .seconds(3_600)),
            drainDelay: try values.duration("SECKILL_DRAIN_DELAY", default: .seconds(2), range: .zero ... .seconds(60)),
            drainDeadline: try values.duration(
                "SECKILL_DRAIN_DEADLINE", default: .seconds(Limits.drainSeconds), range: .milliseconds(1) ... .seconds(600)),
            queueCapacity: try values.integer("SECKILL_QUEUE_CAPACITY", default: 65_536, range: 1...10_000_000),
            eventLoops: try values.integer(
                "SECKILL_EVENT_LOOPS", default: ProcessInfo.processInfo.activeProcessorCount, range: 1...256),
            logLevel: try values.choice("SECKILL_LOG_LEVEL", default: .info, of: Logger.Level.allCases),
            logFormat: try values.choice("SECKILL_LOG_FORMAT", default: isatty(2) == 1 ? .text : .json, of: LogFormat.allCases),
            accessLog: try values.accessLog("SECKILL_ACCESS_LOG"))
    }
}

extension SettingValues {
    fileprivate func trustedProxies(_ name: String) throws(SettingsError) -> TrustedProxies? {
        guard let text = self[name] else { return nil }
        guard let proxies = TrustedProxies(text) else {
            throw SettingsError("\(name) must be addresses or blocks of them, such as 10.0.0.7,10.1.0.0/16,2001:db8::/32, not \"\(text)\"")
        }
        return proxies
    }

    fileprivate func usesProxyProtocol(_ name: String, _ proxies: String) throws(SettingsError) -> Bool {
        switch self[name] ?? "off" {
        case "off": return false
        case "on":
            guard self[proxies] != nil else { throw SettingsError("\(name) is on, and \(proxies) names nobody who may speak it") }
            return true
        case let other: throw SettingsError("\(name) must be on or off, not \"\(other)\"")
        }
    }

    fileprivate func accessLog(_ name: String) throws(SettingsError) -> AccessLogSetting {
        switch self[name] ?? "errors" {
        case "off": return .off
        case "errors": return .errors
        case "all": return .all
        case let text:
            guard let perSecond = Int(text), (1...1_000_000).contains(perSecond) else {
                throw SettingsError("\(name) must be off, errors, all, or how many lines a second, from 1 to 1000000, not \"\(text)\"")
            }
            return .sampled(perSecond: perSecond)
        }
    }

    fileprivate func auth() throws(SettingsError) -> AuthSetting {
        switch self["SECKILL_AUTH"] ?? "jwt" {
        case "jwt": return .jwt
        case "trusted-header": return .trustedHeader
        case let other: throw SettingsError("SECKILL_AUTH must be jwt or trusted-header, not \"\(other)\"")
        }
    }
}
