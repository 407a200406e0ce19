import Glibc
import NIOCore
import NIOPosix

/// One connection through a proxy: the client's half and the server's, on one event loop.
final class ProxyLink {
    /// What other threads may do with a link.
    struct Bound: Sendable {
        private let link: NIOLoopBound<ProxyLink>
        private let loop: any EventLoop

        /// To be made on the link's loop.
        init(_ link: ProxyLink, on loop: any EventLoop) {
            self.link = NIOLoopBound(link, eventLoop: loop)
            self.loop = loop
        }

        func modeChanged() {
            loop.execute { [link] in link.value.modeChanged() }
        }

        func reset() {
            loop.execute { [link] in link.value.reset() }
        }
    }

    private let client: any Channel
    private var server: (any Channel)?
    private let proxy: FaultProxy
    /// Bytes lost in a black hole: the stream cannot be continued.
    private var isLossy = false
    private var isClosed = false
    private var isSwallowing = false
    private var tap: (LinkTap, number: Int)?
    /// In order, by receiver; kept while the server's half is being made, and in a stall.
    private var waiting: [(toServer: Bool, bytes: ByteBuffer)] = []
    /// Nothing may be written before: what came earlier is still being delayed.
    private var earliest = (toServer: NIODeadline.distantPast, toClient: NIODeadline.distantPast)

    init(client: any Channel, proxy: FaultProxy) {
        self.client = client
        self.proxy = proxy
    }

    /// Makes the server's half, unless the mode says that none can be reached.
    func open() {
        switch proxy.mode {
        case .refuse: reset()
        case .blackhole: isLossy = true
        case .pass, .stall, .delay: connect()
        }
    }

    private func connect() {
        let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyRelay(link: bound.value, isClient: false))
                }
            }
            .connect(host: "127.0.0.1", port: proxy.target)
            .whenComplete { result in
                switch result {
                case .success(let channel): bound.value.connected(channel)
                case .failure: bound.value.reset()
                }
            }
    }

    private func connected(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        server = channel
        flushWaiting()
    }

    func received(_ bytes: ByteBuffer, toServer: Bool) {
        guard !isClosed else { return }
        guard toServer else {
            // The answer that nobody is to hear of has come.
            if isSwallowing { return reset() }
            return pass(bytes, toServer: false)
        }
        switch springs(bytes) {
        case .forward: pass(bytes, toServer: true)
        case .cutNow: reset()
        case .forwardThenCut:
            pass(bytes, toServer: true)
            // The server's half ends in good order, so that the server reads all of it first.
            server?.close(promise: nil)
            reset(client)
        case .forwardThenSwallow:
            isSwallowing = true
            pass(bytes, toServer: true)
        }
    }

    private func springs(_ bytes: ByteBuffer) -> LinkTap.Action {
        guard let armed = proxy.armed else {
            tap = nil
            return .forward
        }
        if tap?.number != armed.number { tap = (LinkTap(armed.trap), armed.number) }
        let action = tap?.0.clientSent(bytes.readableBytesView) ?? .forward
        guard action != .forward, proxy.take(trap: armed.number) else { return .forward }
        return action
    }

    private func pass(_ bytes: ByteBuffer, toServer: Bool) {
        switch proxy.mode {
        case .blackhole(let direction) where direction == .both || (direction == .toServer) == toServer:
            isLossy = true
        case .stall:
            waiting.append((toServer, bytes))
        case .delay(let milliseconds):
            write(bytes, toServer: toServer, after: .milliseconds(Int64(milliseconds)))
        case .pass, .blackhole, .refuse:
            if server == nil || !waiting.isEmpty { waiting.append((toServer, bytes)) } else { write(bytes, toServer: toServer, after: .zero) }
        }
    }

    private func write(_ bytes: ByteBuffer, toServer: Bool, after delay: TimeAmount) {
        guard let receiver = toServer ? server : client else { return waiting.append((toServer, bytes)) }
        let now = NIODeadline.now()
        let due = max(now + delay, toServer ? earliest.toServer : earliest.toClient)
        guard due > now else { return receiver.writeAndFlush(bytes, promise: nil) }
        if toServer { earliest.toServer = due } else { earliest.toClient = due }
        receiver.eventLoop.scheduleTask(deadline: due) { receiver.writeAndFlush(bytes, promise: nil) }
    }

    private func modeChanged() {
        guard !isClosed else { return }
        switch proxy.mode {
        case .refuse: reset()
        case .blackhole, .stall: break
        case .pass, .delay: isLossy ? reset() : flushWaiting()
        }
    }

    private func flushWaiting() {
        guard server != nil, proxy.mode != .stall else { return }
        let bytes = waiting
        waiting = []
        for (toServer, bytes) in bytes { pass(bytes, toServer: toServer) }
    }

    /// One half ended: the other half ends in good order, behind what is still to be written.
    func ended() {
        guard !isClosed else { return }
        guard proxy.mode != .stall, !isLossy else { return reset() }
        isClosed = true
        proxy.closed(self)
        let due = max(earliest.toServer, earliest.toClient, .now())
        let halves = [client, server].compactMap { $0 }
        client.eventLoop.scheduleTask(deadline: due) { halves.forEach { $0.close(promise: nil) } }
    }

    func reset() {
        guard !isClosed else { return }
        isClosed = true
        proxy.closed(self)
        reset(client)
        if let server { reset(server) }
    }

    /// socket(7): closing with a linger time of 0 sends a reset.
    private func reset(_ half: any Channel) {
        (half as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in half.close(promise: nil) }
    }
}

/// Hands what one half reads to its link.
final class ProxyRelay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: ProxyLink
    private let isClient: Bool

    init(link: ProxyLink, isClient: Bool) {
        self.link = link
        self.isClient = isClient
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), toServer: isClient)
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link.reset()
    }
}
