import LoadClient
import LoadModel
import NIOCore

/// The connections of a flood, on one event loop.
final class FloodWorker: LoadConnectionOwner {
    private let flood: Flood
    private let pace: Flood.Pace
    private let loop: any EventLoop
    private let connector: Connector
    private var idle: [LoadConnection] = []
    private var busy: [ObjectIdentifier: LoadConnection] = [:]
    private var ticks: RepeatedTask?
    private var startedAt = NIODeadline.now()
    /// Requests that have become due since the start.
    private var due = 0
    private var isStopped = false

    init(_ flood: Flood, to address: SocketAddress, pace: Flood.Pace, loop: any EventLoop) {
        self.flood = flood
        self.pace = pace
        self.loop = loop
        connector = Connector(eventLoop: loop, address: address)
    }

    /// Succeeds when the connections are open and the flood has begun.
    func open(_ count: Int) -> EventLoopFuture<Void> {
        connector.open(count, for: self).assumeIsolated().map { self.start() }.nonisolated()
    }

    /// Sends nothing more.
    func stop() {
        isStopped = true
        ticks?.cancel()
        connector.close()
    }

    func close() {
        for connection in Array(busy.values) + idle { connection.abandon("the flood is over") }
    }

    private func start() {
        startedAt = .now()
        let bound = NIOLoopBound(self, eventLoop: loop)
        ticks = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in bound.value.tick() }
    }

    private func tick() {
        guard case .perSecond(let rate) = pace else { return sendAll() }
        let wanted = Int(Double((NIODeadline.now() - startedAt).nanoseconds) / 1e9 * rate)
        while due < wanted, let connection = idle.popLast() {
            due += 1
            send(on: connection)
        }
        if due < wanted {
            flood.skip(wanted - due)
            due = wanted
        }
    }

    private func sendAll() {
        while !isStopped, let connection = idle.popLast() { send(on: connection) }
    }

    private func send(on connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = connection
        let now = NIODeadline.now().uptimeNanoseconds
        connection.send(LoadRequest(instant: now, user: flood.take()), now: now) { [flood] request, bytes in
            bytes.clear()
            bytes.writeString(
                "POST /v1/sales/flash/orders HTTP/1.1\r\nHost: a\r\nX-User-Id: \(flood.name(ofUser: request.user))\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"sku\":\"unit\",\"quantity\":1}")
        }
    }

    func becameIdle(_ connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle.append(connection)
        if pace == .closedLoop { sendAll() }
    }

    func answered(_ request: LoadRequest, _ response: PurchaseResponse) {
        flood.answered(request.user, status: response.status, code: response.code, order: response.order.map { "\($0)" })
    }

    func lost(_ request: LoadRequest, _ outcome: Outcome, because reason: String) {
        flood.lose()
    }

    func closed(_ connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        connector.lost(hadAnswered: connection.hasAnswered, for: self)
    }
}
