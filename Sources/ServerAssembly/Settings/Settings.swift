import Foundation
package import HTTPFront
package import Logging
package import SaleCore
import SaleService

/// How buyers prove who they are.
package enum AuthSetting: String, Sendable, CaseIterable {
    case jwt
    case trustedHeader = "trusted-header"
}

/// Everything that an operator can set, read and checked once at the start; `Setting.all` names
/// each.
package struct Settings: Sendable {
    package var bind = ListenAddress(host: "127.0.0.1", port: 8080)
    package var adminBind = ListenAddress(host: "127.0.0.1", port: 9090)
    package var redisURL = "redis://127.0.0.1:6379/0"
    /// A libpq URI or conninfo; may hold a password, so it is never logged.
    package var databaseURL = ""
    package var auth = AuthSetting.jwt
    /// The HS256 secret's bytes, without a trailing line end.
    package var jwtSecretFile: String?
    package var jwksFile: String?
    package var jwksURL: String?
    /// The secret that payment events are signed with.
    package var paymentSecretFile: String?
    /// Who gets events, and how.
    package var webhooksFile: String?
    /// Who may work on the admin port; `nil` is nobody.
    package var operatorsFile: String?
    /// Names of the admin port beside the one that it is bound to.
    package var adminHosts: [String] = []
    /// How a trusted proxy names the operator whom it has signed in.
    package var operatorHeader: String?
    /// `nil` is off.
    package var limitPerUser = RateLimit(rate: 5, burst: 10)
    package var limitPerAddress = RateLimit(rate: 50, burst: 100)
    package var limitTotal = RateLimit(rate: 20_000, burst: 20_000)
    /// Looks at orders and cancellations, per user.
    package var limitOrders = RateLimit(rate: 10, burst: 50)
    /// `nil` is none.
    package var trustedProxies: Written<TrustedProxies>?
    /// Connections of the trusted proxies begin with a PROXY header.
    package var usesProxyProtocol = false
    package var commitWait = Duration.seconds(1)
    /// How long a connection of the public port may be without a request.
    package var idleTimeout = Duration.seconds(Limits.idleTimeoutSeconds)
    /// How long the service still serves after it was told to stop, and then how long its end may
    /// take.
    package var drainDelay = Duration.seconds(2)
    package var drainDeadline = Duration.seconds(Limits.drainSeconds)
    /// In orders.
    package var queueCapacity = 65_536
    package var eventLoops = ProcessInfo.processInfo.activeProcessorCount
    package var logLevel = Logger.Level.info
    package var logFormat = isatty(2) == 1 ? LogFormat.text : .json
    package var accessLog = AccessLogSetting.errors
    /// Whose pages may read the public port's answers; `nil` is nobody's but the service's own.
    package var corsOrigins: Written<AllowedOrigins>?
    package var keyRule = KeyRule.browsers
    /// The pages on which people buy are served.
    package var servesStorefront = false
    /// Live streams at once; 0 is none.
    package var streamsMax = Limits.streamsMax
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

    static var noDatabase: SettingsError {
        SettingsError(
            "SECKILL_DATABASE_URL is not set: give a libpq URI or conninfo, or, for a stack of `seckill up`, what it has written down: . .seckill/env"
        )
    }
}
