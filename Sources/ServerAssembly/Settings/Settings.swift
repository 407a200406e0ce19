package import HTTPFront
package import Logging
package import SaleCore

/// How buyers prove who they are.
package enum AuthSetting: Sendable, Equatable {
    case jwt
    case trustedHeader
}

/// Everything that an operator can set, read and checked once at the start.
package struct Settings: Sendable {
    package var bind: ListenAddress
    package var adminBind: ListenAddress
    package var redisURL: String
    /// A libpq URI or conninfo; may hold a password, so it is never logged.
    package var databaseURL: String
    package var auth: AuthSetting
    /// The HS256 secret's bytes, without a trailing line end.
    package var jwtSecretFile: String?
    package var jwksFile: String?
    package var jwksURL: String?
    /// The secret that payment events are signed with.
    package var paymentSecretFile: String?
    /// `nil` is off.
    package var limitPerUser: RateLimit?
    package var limitPerAddress: RateLimit?
    package var limitTotal: RateLimit?
    /// Looks at orders and cancellations, per user.
    package var limitOrders: RateLimit?
    /// `nil` is none.
    package var trustedProxies: TrustedProxies?
    /// Connections of the trusted proxies begin with a PROXY header.
    package var usesProxyProtocol: Bool
    package var commitWait: Duration
    /// How long a connection of the public port may be without a request.
    package var idleTimeout: Duration
    /// How long the service still serves after it was told to stop, and then how long its end may take.
    package var drainDelay: Duration
    package var drainDeadline: Duration
    /// In orders.
    package var queueCapacity: Int
    package var eventLoops: Int
    package var logLevel: Logger.Level
    package var logFormat: LogFormat
    package var accessLog: AccessLogSetting
}

package enum LogFormat: String, Sendable, CaseIterable {
    case text
    case json
}

/// Where a server listens.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What is wrong with a setting, in one line that names it.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
