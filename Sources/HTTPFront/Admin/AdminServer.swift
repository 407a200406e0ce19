package import Hummingbird
package import Logging
package import NIOCore

/// The admin port's own server: health and metrics are answered also when the public port is full.
package enum AdminServer {
    /// - Parameters:
    ///   - group: not the event loops of the public port, so that a scrape does not hold up purchases.
    ///   - onServerRunning: told the channel that listens, such as to learn a port that was chosen by the system.
    package static func application(
        router: Router<FrontContext>, address: BindAddress, group: any EventLoopGroup, logger: Logger,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> Application<RouterResponder<FrontContext>> {
        Application(
            router: router, configuration: ApplicationConfiguration(address: address, backlog: 64),
            onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(group), logger: logger)
    }
}
