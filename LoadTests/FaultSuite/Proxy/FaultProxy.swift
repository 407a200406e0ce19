import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy of 127.0.0.1 that does to connections what networks do.
final class FaultProxy: Sendable {
    private struct State {
        var mode = ProxyMode.pass
        var target: Int
        var links: [ObjectIdentifier: ProxyLink.Bound] = [:]
        /// Taken by the first connection that springs it.
        var trap: Trap?
        var trapNumber = 0
        var trapsSprung = 0
        var accepted = 0
    }

    private let state: Mutex<State>
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    /// How many armed traps have cut a connection so far.
    var trapsSprung: Int { state.withLock { $0.trapsSprung } }
    var connectionsCount: Int { state.withLock { $0.links.count } }
    var mode: ProxyMode { state.withLock { $0.mode } }

    /// - Parameter target: a port of 127.0.0.1.
    static func start(target: Int) async throws -> FaultProxy {
        let reference = Reference()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            // A client that ends its half waits for the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { channel in
                guard let proxy = reference.proxy else { return channel.close() }
                return proxy.accepted(channel)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = FaultProxy(listener: listener, target: target)
        reference.set(proxy)
        return proxy
    }

    private init(listener: any Channel, target: Int) {
        self.listener = listener
        self.state = Mutex(State(target: target))
    }

    /// Takes effect on connections that exist and on those to come.
    func set(_ mode: ProxyMode) {
        let links = state.withLock { state in
            state.mode = mode
            return Array(state.links.values)
        }
        for link in links { link.modeChanged() }
    }

    /// Resets every connection.
    func cut() {
        for link in state.withLock({ Array($0.links.values) }) { link.reset() }
    }

    /// Connections from now on go to `port`; those that exist are reset.
    func retarget(to port: Int) {
        state.withLock { $0.target = port }
        cut()
    }

    /// The next connection that springs the trap is cut, once.
    func arm(_ trap: Trap) {
        state.withLock { state in
            state.trap = trap
            state.trapNumber += 1
        }
    }

    func disarm() {
        state.withLock { $0.trap = nil }
    }

    func stop() async {
        try? await listener.close()
        cut()
    }

    private func accepted(_ client: any Channel) -> EventLoopFuture<Void> {
        client.eventLoop.makeCompletedFuture {
            let link = ProxyLink(client: client, proxy: self)
            try client.pipeline.syncOperations.addHandler(ProxyRelay(link: link, isClient: true))
            state.withLock {
                $0.accepted += 1
                $0.links[ObjectIdentifier(link)] = ProxyLink.Bound(link, on: client.eventLoop)
            }
            link.open()
        }
    }

    // MARK: For the links

    var target: Int { state.withLock { $0.target } }

    /// The trap that is set, with a number that tells it from earlier ones.
    var armed: (trap: Trap, number: Int)? { state.withLock { state in state.trap.map { ($0, state.trapNumber) } } }

    /// Whether trap `number` was still to be had: another connection may have sprung it at the same
    /// time.
    func take(trap number: Int) -> Bool {
        state.withLock { state in
            guard state.trap != nil, state.trapNumber == number else { return false }
            state.trap = nil
            state.trapsSprung += 1
            return true
        }
    }

    func closed(_ link: ProxyLink) {
        _ = state.withLock { $0.links.removeValue(forKey: ObjectIdentifier(link)) }
    }
}

/// Ties the knot between a listener and the proxy that it belongs to.
private final class Reference: Sendable {
    private let value = Mutex<FaultProxy?>(nil)
    var proxy: FaultProxy? { value.withLock { $0 } }
    func set(_ proxy: FaultProxy) { value.withLock { $0 = proxy } }
}
