import Logging
import NIOCore
import NIOEmbedded
import SaleCore
import SaleService

@testable import HTTPFront

/// The public port without sockets, over a Redis that grants at once and a Postgres that takes all:
/// what arrives is read exactly in the pieces in which it is sent.
final class FrontUnderTest {
    static let peer = "127.0.0.1"

    private let loop = EmbeddedEventLoop()
    private let store = GrantingLane()
    private let lane: PurchaseLane
    private let front: FrontChannel
    /// Of the sales that the lane knows.
    let pages = SalePages()
    /// What Redis was asked for.
    var asked: [String] { store.asked }

    init(
        _ authenticator: Authenticator, perUser: RateLimit? = nil, perAddress: RateLimit? = nil, total: RateLimit? = nil,
        proxies: TrustedProxies? = nil, usesProxyProtocol: Bool = false, report: RequestReport = RequestReport(),
        origins: String? = nil, keyRule: KeyRule = .browsers, limits: ConnectionLimits? = nil,
        bulkhead: RequestBulkhead = RequestBulkhead()
    ) throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        lane = try .granting(over: store, on: loop)
        pages.update(Dictionary(uniqueKeysWithValues: LaneUpdate.ofTests.changed.map { ($0.id, $0) }))
        let shared = PurchaseContext(
            lane: lane,
            configuration: PurchaseContext.Configuration(
                authenticator: authenticator, limiters: RateLimiters(perUser: perUser, perAddress: perAddress, total: total), commitWait: .seconds(1),
                trustedProxies: proxies, report: report, pages: pages, origins: origins.flatMap { AllowedOrigins($0) }, keyRule: keyRule),
            metrics: PurchaseMetrics())
        // The embedded loop's clock stands still, and would be far behind.
        var standing = ConnectionLimits()
        (standing.loopLagMax, standing.loopLagBrowsingMax) = (.max, .max)
        front = FrontChannel(
            responder: { _, _, _ in }, contexts: PurchaseContexts([(loop, NIOLoopBound(shared, eventLoop: loop))]),
            environment: ConnectionEnvironment(
                limits: limits ?? standing, bulkhead: bulkhead,
                proxyProtocol: usesProxyProtocol ? proxies.map { ProxyProtocol(proxies: $0, logger: logger) } : nil))
    }

    /// A connection, which the caller has to close.
    func open() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        channel.remoteAddress = try SocketAddress(ipAddress: Self.peer, port: 1)
        _ = try front.setup(channel: channel, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })).wait()
        try channel.connect(to: SocketAddress(ipAddress: Self.peer, port: 1)).wait()
        return channel
    }

    /// What is answered to `pieces`, each of which is one read of the socket.
    func answer(to pieces: [[UInt8]]) throws -> String {
        let channel = try open()
        for piece in pieces { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        loop.run()
        lane.deliver(store.takeGranted())
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return text
    }

    func answer(to text: String) throws -> String { try answer(to: [Array(text.utf8)]) }
}
