import ArgumentParser
import Foundation
import ServerAssembly

/// The flags that stand for settings. Each is named after its variable: `--redis-url` is `SECKILL_REDIS_URL`.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Redis, as redis://HOST:PORT/DB, unix:///PATH?db=DB or redis+sentinel://HOST:PORT,…/NAME/DB.", valueName: "url"))
    var redisURL: String?

    @Option(help: ArgumentHelp("Postgres, as a libpq URI or conninfo.", valueName: "url"))
    var databaseURL: String?

    var overrides: [String: String] {
        ["SECKILL_REDIS_URL": redisURL, "SECKILL_DATABASE_URL": databaseURL].compactMapValues { $0 }
    }
}

struct TokenSecretOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The file with the secret of HS256 tokens, at least 32 bytes.", valueName: "file"))
    var jwtSecretFile: String?

    var overrides: [String: String] {
        ["SECKILL_JWT_SECRET_FILE": jwtSecretFile].compactMapValues { $0 }
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json.", valueName: "format"))
    var logFormat: String?

    @Option(help: ArgumentHelp("Answered requests that get a line: off, errors, all, or so many a second.", valueName: "which"))
    var accessLog: String?

    var overrides: [String: String] {
        ["SECKILL_LOG_LEVEL": logLevel, "SECKILL_LOG_FORMAT": logFormat, "SECKILL_ACCESS_LOG": accessLog].compactMapValues { $0 }
    }
}

struct CapacityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Purchases per user: tokens a second / at once, or off.", valueName: "rate/burst"))
    var limitPerUser: String?

    @Option(help: ArgumentHelp("Purchases per IP address, or off.", valueName: "rate/burst"))
    var limitPerIP: String?

    @Option(help: ArgumentHelp("Purchases of this node, or off.", valueName: "rate/burst"))
    var limitTotal: String?

    @Option(help: ArgumentHelp("Looks at orders and cancellations per user, or off.", valueName: "rate/burst"))
    var limitOrders: String?

    @Option(help: ArgumentHelp("Proxies whose X-Forwarded-For is believed, such as 10.0.0.7,10.1.0.0/16.", valueName: "addresses"))
    var trustedProxies: String?

    @Option(help: ArgumentHelp("on: connections of the trusted proxies begin with a PROXY header, version 2.", valueName: "on|off"))
    var proxyProtocol: String?

    @Option(help: ArgumentHelp("How long a purchase waits for its commit before it is answered 202.", valueName: "duration"))
    var commitWait: String?

    @Option(help: ArgumentHelp("How long a connection may be without a request, such as 75s.", valueName: "duration"))
    var idleTimeout: String?

    @Option(help: ArgumentHelp("How long to go on serving after SIGTERM, while load balancers look elsewhere.", valueName: "duration"))
    var drainDelay: String?

    @Option(help: ArgumentHelp("How long the end may take after that.", valueName: "duration"))
    var drainDeadline: String?

    @Option(help: ArgumentHelp("Orders that may be between Redis and Postgres.", valueName: "orders"))
    var queueCapacity: String?

    @Option(help: ArgumentHelp("Threads that serve.", valueName: "count"))
    var eventLoops: String?

    var overrides: [String: String] {
        [
            "SECKILL_LIMIT_PER_USER": limitPerUser, "SECKILL_LIMIT_PER_IP": limitPerIP, "SECKILL_LIMIT_TOTAL": limitTotal,
            "SECKILL_LIMIT_ORDERS": limitOrders, "SECKILL_TRUSTED_PROXIES": trustedProxies, "SECKILL_PROXY_PROTOCOL": proxyProtocol,
            "SECKILL_COMMIT_WAIT": commitWait, "SECKILL_IDLE_TIMEOUT": idleTimeout, "SECKILL_DRAIN_DELAY": drainDelay,
            "SECKILL_DRAIN_DEADLINE": drainDeadline,
            "SECKILL_QUEUE_CAPACITY": queueCapacity, "SECKILL_EVENT_LOOPS": eventLoops,
        ].compactMapValues { $0 }
    }
}

struct AuthOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who buyers are: jwt or trusted-header.", valueName: "scheme"))
    var auth: String?

    @OptionGroup var secret: TokenSecretOptions

    @Option(help: ArgumentHelp("The file with the keys of ES256, RS256 and EdDSA tokens.", valueName: "file"))
    var jwksFile: String?

    @Option(help: ArgumentHelp("Where the keys of ES256, RS256 and EdDSA tokens are published.", valueName: "url"))
    var jwksURL: String?

    @Option(help: ArgumentHelp("The file with the secret that payment events are signed with, at least 32 bytes.", valueName: "file"))
    var paymentSecretFile: String?

    var overrides: [String: String] {
        [
            "SECKILL_AUTH": auth, "SECKILL_JWKS_FILE": jwksFile, "SECKILL_JWKS_URL": jwksURL, "SECKILL_PAYMENT_SECRET_FILE": paymentSecretFile,
        ].compactMapValues { $0 }.merging(secret.overrides) { $1 }
    }
}

extension Settings {
    /// The process's environment under `overrides`.
    static func load(_ overrides: [String: String]...) throws -> Settings {
        let merged = overrides.reduce(into: [:]) { $0.merge($1) { $1 } }
        do {
            return try load(environment: ProcessInfo.processInfo.environment, overrides: merged)
        } catch {
            throw CommandFailure(error)
        }
    }
}
