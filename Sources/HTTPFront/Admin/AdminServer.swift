package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
package import SaleCore

/// The admin port's own server: health and metrics are answered also when the public port is full.
package enum AdminServer {
    /// - Parameters:
    ///   - group: not the event loops of the public port, so that a scrape does not hold up
    ///     purchases.
    ///   - now: for `Date`.
    ///   - onServerRunning: told the channel that listens, such as to learn a port that was chosen
    ///     by the system.
    package static func application(
        router: Router<FrontContext>, address: BindAddress, group: any EventLoopGroup, logger: Logger,
        now: @escaping @Sendable () -> Timestamp, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> Application<RouterResponder<FrontContext>> {
        Application(
            router: router, server: HTTPServerBuilder { AdminChannel(responder: $0, now: now) },
            configuration: ApplicationConfiguration(address: address, backlog: 64),
            onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(group), logger: logger)
    }
}
