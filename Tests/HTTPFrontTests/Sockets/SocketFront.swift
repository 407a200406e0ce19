import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import SaleCore
import SaleService
import Synchronization

@testable import HTTPFront

/// The public port on a socket of this machine, with a router that answers `200`, over a Redis that
/// grants at once and a Postgres that takes all: at once, or when the test says so. Believes
/// whatever its clients say of their requests.
final class SocketFront: Sendable {
    private struct Parts {
        let front: FrontChannel
        let lane: PurchaseLane
        let store: GrantingLane
    }

    let port: Int
    let environment: ConnectionEnvironment
    /// What is shown of sales; none at first.
    let pages: SalePages
    private let parts: NIOLoopBound<Parts>
    private let loop: any EventLoop
    private let accepted: Accepted

    private final class Accepted: Sendable {
        let channels = Mutex<[any Channel]>([])
    }

    private init(
        port: Int, environment: ConnectionEnvironment, pages: SalePages, parts: NIOLoopBound<Parts>, loop: any EventLoop, accepted: Accepted
    ) {
        self.port = port
        self.environment = environment
        self.pages = pages
        self.parts = parts
        self.loop = loop
        self.accepted = accepted
    }

    /// - Parameters:
    ///   - sendBufferBytes: what the kernel keeps of answers that a client does not take; `nil`
    ///     leaves it to the kernel.
    ///   - commitsAtOnce: otherwise an order waits for `commit`.
    static func run(
        sendBufferBytes: Int32? = nil, commitsAtOnce: Bool = true, usesProxyProtocol: Bool = false, streams: StreamPlaces = StreamPlaces(),
        limits change: (inout ConnectionLimits) -> Void = { _ in },
        _ body: @Sendable (SocketFront) async throws -> Void
    ) async throws {
        var limits = ConnectionLimits()
        (limits.loopLagMax, limits.loopLagBrowsingMax) = (.max, .max)
        change(&limits)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let proxies = TrustedProxies("127.0.0.1")
        let environment = ConnectionEnvironment(
            limits: limits, streams: streams, proxyProtocol: usesProxyProtocol ? proxies.map { ProxyProtocol(proxies: $0, logger: logger) } : nil)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (loop, accepted, pages) = (group.next(), Accepted(), SalePages())
        let parts = try await loop.submit {
            try NIOLoopBound(Self.parts(on: loop, environment, proxies, pages, commitsAtOnce: commitsAtOnce), eventLoop: loop)
        }
        .get()
        let front = try await loop.submit { parts.value.front }.get()
        var bootstrap = ServerBootstrap(group: group).childChannelOption(.allowRemoteHalfClosure, value: true)
        if let sendBufferBytes { bootstrap = bootstrap.childChannelOption(.socketOption(.so_sndbuf), value: .init(sendBufferBytes)) }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: 0, serverBackPressureStrategy: nil) { channel in
            accepted.channels.withLock { $0.append(channel) }
            return front.setup(channel: channel, logger: logger)
        }
        let server = SocketFront(
            port: listener.channel.localAddress?.port ?? 0, environment: environment, pages: pages, parts: parts, loop: loop, accepted: accepted)
        try await listener.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await withThrowingDiscardingTaskGroup { handlers in
                        for try await connection in connections { handlers.addTask { await front.handle(value: connection, logger: logger) } }
                    }
                }
                defer { tasks.cancelAll() }
                try await body(server)
            }
        }
        try await group.shutdownGracefully()
    }

    private static func parts(
        on loop: any EventLoop, _ environment: ConnectionEnvironment, _ proxies: TrustedProxies?, _ pages: SalePages, commitsAtOnce: Bool
    ) throws -> Parts {
        let store = GrantingLane()
        let lane = try PurchaseLane.granting(over: store, on: loop)
        if commitsAtOnce {
            let bound = NIOLoopBound((lane, store), eventLoop: loop)
            store.onGranted = {
                loop.execute {
                    let (lane, store) = bound.value
                    lane.deliver(store.takeGranted())
                }
            }
        }
        let shared = PurchaseContext(
            lane: lane,
            configuration: PurchaseContext.Configuration(
                authenticator: .trustedHeader, limiters: RateLimiters(perUser: nil, perAddress: nil, total: nil), commitWait: .seconds(60),
                trustedProxies: proxies, pages: pages),
            metrics: PurchaseMetrics())
        return Parts(
            front: FrontChannel(
                responder: Self.answer, contexts: PurchaseContexts([(loop, NIOLoopBound(shared, eventLoop: loop))]), environment: environment),
            lane: lane, store: store)
    }

    /// Tells how long the body was.
    @concurrent @Sendable private static func answer(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        var length = 0
        for try await part in request.body { length += part.readableBytes }
        let body = ByteBuffer(string: "\(length)")
        var head = HTTPResponse(status: .ok)
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        if let name = HTTPField.Name("X-Request-Id") { head.headerFields[name] = request.headers[name] }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: body))
    }

    // MARK: What the test does

    /// Commits what was granted, on the event loop.
    func commit() async throws { try await commit(after: {}) }

    /// - Parameter before: done before on the loop, which looks at no socket meanwhile.
    func commit<Result: Sendable>(after before: @escaping @Sendable () -> Result) async throws -> Result {
        try await loop.submit { [parts] in
            let result = before()
            parts.value.lane.deliver(parts.value.store.takeGranted())
            return result
        }.get()
    }

    /// A look at the catalog that found the one sale that there is as `snapshot`.
    func show(_ snapshot: SaleSnapshot) { pages.update([snapshot.id: snapshot]) }

    /// Now, by the clock that opens and closes sales.
    func time() async throws -> Timestamp {
        try await loop.submit { [parts] in parts.value.lane.time(at: monotonicNow()) }.get()
    }

    /// Waits until so many purchases were granted.
    func waitForGrants(_ count: Int) async throws {
        try await wait { [parts, loop] in try await loop.submit { parts.value.store.asked.count }.get() >= count }
    }

    func waitForConnections(_ count: Int) async throws {
        try await wait { [environment] in environment.connectionCount == count }
    }

    func waitForStreams(_ count: Int) async throws {
        try await wait { [environment] in environment.streams.count == count }
    }

    private func wait(until isSo: @Sendable () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while try await !isSo() {
            guard ContinuousClock.now < deadline else { throw RawClient.Failed(call: "wait", code: 0) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Tells every connection that the server stops.
    func quiesce() {
        for channel in accepted.channels.withLock(\.self) { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}

/// Requests that name themselves.
enum WireRequest {
    /// - Parameters:
    ///   - id: 16 hexadecimal characters are an id as the service makes them.
    ///   - sale: `demo`, or `gone`, which is sold out.
    static func purchase(_ id: String, sale: String = "demo", _ headers: String = "") -> String {
        "POST /v1/sales/\(sale)/orders HTTP/1.1\r\nHost: h\r\nX-User-Id: anna\r\nX-Request-Id: \(id)\r\n\(headers)Content-Length: 30\r\n\r\n"
            + #"{"sku":"phone-x","quantity":1}"#
    }

    static func page(_ id: String, _ headers: String = "", body: String = "") -> String {
        "\(body.isEmpty ? "GET" : "POST") /page HTTP/1.1\r\nHost: h\r\nX-Request-Id: \(id)\r\n\(headers)"
            + (body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n") + "\r\n\(body)"
    }

    static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
