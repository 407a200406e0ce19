import NIOCore
import SaleService
import Synchronization

/// What all connections of the public port share.
package final class ConnectionEnvironment: Sendable {
    let limits: ConnectionLimits
    package let drain: DrainState
    /// `nil` expects no PROXY header of anybody.
    let proxyProtocol: ProxyProtocol?
    let bulkhead: RequestBulkhead
    let streams: StreamPlaces
    let metrics = FrontMetrics()
    private let openConnections = Atomic<Int>(0)
    private let registries = Mutex<[ObjectIdentifier: NIOLoopBound<ConnectionRegistry>]>([:])

    package init(
        limits: ConnectionLimits = ConnectionLimits(), drain: DrainState = DrainState(), bulkhead: RequestBulkhead = RequestBulkhead(),
        streams: StreamPlaces = StreamPlaces(), proxyProtocol: ProxyProtocol? = nil
    ) {
        self.limits = limits
        self.drain = drain
        self.bulkhead = bulkhead
        self.streams = streams
        self.proxyProtocol = proxyProtocol
    }

    /// What the connections of `loop`, which must be the current one, share; made when it is first
    /// asked for.
    func registry(of loop: any EventLoop) -> ConnectionRegistry {
        let (found, isNew) = registries.withLock { registries -> (NIOLoopBound<ConnectionRegistry>, Bool) in
            if let known = registries[ObjectIdentifier(loop)] { return (known, false) }
            let made = NIOLoopBound(ConnectionRegistry(environment: self, eventLoop: loop), eventLoop: loop)
            registries[ObjectIdentifier(loop)] = made
            return (made, true)
        }
        if isNew { found.value.start() }
        return found.value
    }

    func connectionOpened() { openConnections.add(1, ordering: .relaxed) }

    func connectionClosed() { openConnections.subtract(1, ordering: .relaxed) }

    var connectionCount: Int { openConnections.load(ordering: .relaxed) }
}
