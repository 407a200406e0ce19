package import Hummingbird
import HummingbirdCore
package import Logging
package import NIOCore
import SaleService

/// The server of the public port.
package enum PublicServer {
    /// - Parameters:
    ///   - group: the event loops that have purchase desks, and no others.
    ///   - state: what the connections share: limits, reserve, and whether the service drains.
    ///   - onServerRunning: told the channel that listens, such as to learn a port that was chosen by the system.
    package static func application(
        router: Router<FrontContext>, desks: PurchaseDeskSet, state: FrontState, address: BindAddress, group: any EventLoopGroup, logger: Logger,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> Application<RouterResponder<FrontContext>> {
        Application(
            router: router,
            server: HTTPServerBuilder { responder in FrontChannel(responder: responder, desks: desks, state: state) },
            configuration: ApplicationConfiguration(
                address: address, backlog: Limits.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(state.limits.connectionsMax)),
            onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(group), logger: logger)
    }
}
