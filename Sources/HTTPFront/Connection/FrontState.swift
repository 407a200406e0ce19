import NIOCore
import SaleService
import Synchronization

/// What all connections of the public port share.
package final class FrontState: Sendable {
    let limits: ConnectionLimits
    package let drain: DrainState
    /// `nil` expects no PROXY header of anybody.
    let proxyProtocol: ProxyProtocol?
    let reserve: RequestReserve
    let metrics = FrontMetrics()
    private let openConnections = Atomic<Int>(0)
    private let loops = Mutex<[ObjectIdentifier: NIOLoopBound<FrontLoop>]>([:])

    package init(
        limits: ConnectionLimits = ConnectionLimits(), drain: DrainState = DrainState(), reserve: RequestReserve = RequestReserve(),
        proxyProtocol: ProxyProtocol? = nil
    ) {
        self.limits = limits
        self.drain = drain
        self.reserve = reserve
        self.proxyProtocol = proxyProtocol
    }

    /// What the connections of `loop`, which must be the current one, share; made when it is first asked for.
    func loop(_ loop: any EventLoop) -> FrontLoop {
        let (found, isNew) = loops.withLock { loops -> (NIOLoopBound<FrontLoop>, Bool) in
            if let known = loops[ObjectIdentifier(loop)] { return (known, false) }
            let made = NIOLoopBound(FrontLoop(state: self, eventLoop: loop), eventLoop: loop)
            loops[ObjectIdentifier(loop)] = made
            return (made, true)
        }
        if isNew { found.value.start() }
        return found.value
    }

    func connectionOpened() { openConnections.add(1, ordering: .relaxed) }

    func connectionClosed() { openConnections.subtract(1, ordering: .relaxed) }

    var connectionCount: Int { openConnections.load(ordering: .relaxed) }
}
