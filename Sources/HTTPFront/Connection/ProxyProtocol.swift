package import Logging
import NIOCore
import Synchronization

/// Which connections begin with a PROXY header: those of the trusted balancers.
package final class ProxyProtocol: Sendable {
    private let proxies: TrustedProxies
    private let metrics: FrontMetrics
    private let logger: Logger
    private let isTold = Atomic<Bool>(false)

    package init(proxies: TrustedProxies, logger: Logger) {
        self.proxies = proxies
        self.logger = logger
        metrics = FrontMetrics()
    }

    func isSpoken(by peer: SocketAddress?) -> Bool {
        peer?.ipAddress.map(proxies.contains) ?? false
    }

    /// - Parameter onClient: told the address of whoever is behind the balancer, `nil` if it does
    ///   not say; not called when that is the balancer itself.
    func handler(_ onClient: @escaping (String?) -> Void) -> ProxyHeaderHandler {
        ProxyHeaderHandler(
            onHeader: {
                switch $0 {
                case .proxied(let client): onClient(client)
                case .anonymous: onClient(nil)
                case .local: break
                }
            },
            onInvalid: { [self] in
                metrics.closed(.unreadable)
                guard !isTold.exchange(true, ordering: .relaxed) else { return }
                logger.warning("A connection of a trusted proxy does not begin with a PROXY header, version 2, and is closed (told once)")
            })
    }
}
