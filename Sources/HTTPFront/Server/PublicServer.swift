package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import SaleService

/// The server of the public port.
package enum PublicServer {
    /// - Parameters:
    ///   - group: the event loops that have a purchase context, and no others.
    ///   - environment: what the connections share: limits, bulkhead, and whether the service
    ///     drains.
    ///   - onServerRunning: told the channel that listens, such as to learn a port that was chosen
    ///     by the system.
    package static func application(
        router: Router<FrontContext>, contexts: PurchaseContexts, environment: ConnectionEnvironment, address: BindAddress, group: any EventLoopGroup,
        logger: Logger,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> Application<RouterResponder<FrontContext>> {
        Application(
            router: router,
            server: HTTPServerBuilder { responder in FrontChannel(responder: responder, contexts: contexts, environment: environment) },
            configuration: ApplicationConfiguration(
                address: address, backlog: Limits.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(environment.limits.connectionsMax)),
            onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(group), logger: logger)
    }
}
