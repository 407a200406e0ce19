import LoadModel
import NIOCore
import NIOPosix

/// The connections of a flood, on one event loop.
final class FloodLane {
    private let flood: Flood
    private let port: Int
    private let pace: Flood.Pace
    private let loop: any EventLoop
    private var idle: [FloodConnection] = []
    private var all: [ObjectIdentifier: FloodConnection] = [:]
    private var ticks: RepeatedTask?
    private var startedAt = NIODeadline.now()
    /// Requests that have become due since the start.
    private var due = 0
    private var isStopped = false

    init(_ flood: Flood, port: Int, pace: Flood.Pace, loop: any EventLoop) {
        self.flood = flood
        self.port = port
        self.pace = pace
        self.loop = loop
    }

    func open(_ count: Int) {
        startedAt = .now()
        for _ in 0..<count { connect() }
        let bound = NIOLoopBound(self, eventLoop: loop)
        ticks = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in bound.value.tick() }
    }

    func stop() {
        isStopped = true
        ticks?.cancel()
    }

    func close() {
        for connection in all.values { connection.close() }
    }

    private func connect() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(FloodConnection(bound.value)) }
            }
            .connect(host: "127.0.0.1", port: port)
            .whenFailure { _ in bound.value.reconnect() }
    }

    private func reconnect() {
        guard !isStopped else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .milliseconds(50)) { bound.value.connect() }
    }

    private func tick() {
        guard case .perSecond(let rate) = pace else { return sendAll() }
        let wanted = Int(Double((NIODeadline.now() - startedAt).nanoseconds) / 1e9 * rate)
        while due < wanted, let connection = idle.popLast() {
            due += 1
            connection.send(flood.take())
        }
        if due < wanted {
            flood.skip(wanted - due)
            due = wanted
        }
    }

    private func sendAll() {
        while !isStopped, let connection = idle.popLast() { connection.send(flood.take()) }
    }

    func isReady(_ connection: FloodConnection) {
        all[ObjectIdentifier(connection)] = connection
        idle.append(connection)
        if pace == .closedLoop { sendAll() }
    }

    func answered(_ connection: FloodConnection, _ user: String, _ response: PurchaseResponse) {
        flood.answered(user, status: response.status, code: response.code, order: response.order.map { "\($0)" })
        if !response.closes { isReady(connection) }
    }

    func ended(_ connection: FloodConnection, hasLost: Bool) {
        all[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        if hasLost { flood.lose() }
        reconnect()
    }
}

/// One connection, one request at a time.
final class FloodConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let lane: FloodLane
    private var context: ChannelHandlerContext?
    private var awaiting: String?
    private var received: [UInt8] = []

    init(_ lane: FloodLane) {
        self.lane = lane
    }

    func send(_ user: String) {
        guard let context else { return }
        awaiting = user
        let request = ByteBuffer(
            string:
                "POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX-User-Id: \(user)\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n"
                + "{\"sku\":\"unit\",\"quantity\":1}")
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func close() {
        context?.close(promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        lane.isReady(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        do {
            // A copy: the span of a property of an object cannot be taken.
            let bytes = received
            guard let response = try PurchaseResponse.read(bytes.span), let user = awaiting else { return }
            received.removeFirst(response.bytesCount)
            awaiting = nil
            lane.answered(self, user, response)
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        lane.ended(self, hasLost: awaiting != nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
