import Glibc
import LoadSupport
import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection on which a client may send whatever bytes it likes.
final class RawConnection: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var closedAt: ContinuousClock.Instant?
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let owner: RawConnection.Inbox

        init(_ owner: RawConnection.Inbox) {
            self.owner = owner
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            owner.append(unwrapInboundIn(data).readableBytesView)
        }

        func channelInactive(context: ChannelHandlerContext) {
            owner.close()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private final class Inbox: Sendable {
        let state = Mutex(State())
        private let bytesMax: Int

        init(bytesMax: Int) {
            self.bytesMax = bytesMax
        }

        /// Keeps no more than a test looks at.
        func append(_ bytes: ByteBufferView) {
            state.withLock { if $0.bytes.count < bytesMax { $0.bytes += bytes } }
        }

        func close() {
            state.withLock { $0.closedAt = $0.closedAt ?? .now }
        }
    }

    private let channel: any Channel
    private let inbox: Inbox
    let openedAt = ContinuousClock.now

    /// - Parameters:
    ///   - isReading: `false` for a client that never reads what it is sent; the kernel's buffer
    ///     for it is kept small.
    ///   - address: where it comes from.
    ///   - keeping: how many of the first bytes that it hears are kept, about.
    static func open(
        port: Int, isReading: Bool = true, from address: String = "127.0.0.1", keeping bytesMax: Int = 1 << 20
    ) async throws -> RawConnection {
        let inbox = Inbox(bytesMax: bytesMax)
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(5))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: isReading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader(inbox)) }
            }
        if !isReading { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4_096) }
        bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0))
        return RawConnection(channel: try await bootstrap.connect(host: "127.0.0.1", port: port).get(), inbox: inbox)
    }

    private init(channel: any Channel, inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Returns: whether the bytes were taken; not when the server has ended the connection.
    @discardableResult
    func send(_ bytes: some Sequence<UInt8> & Sendable) async -> Bool {
        (try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()) != nil
    }

    /// Does not wait until they are written, which may be never.
    func post(_ bytes: some Sequence<UInt8> & Sendable) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    var received: String { inbox.state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var closedAt: ContinuousClock.Instant? { inbox.state.withLock { $0.closedAt } }
    var isClosed: Bool { closedAt != nil }

    /// How many responses came.
    var responses: [Int] {
        received.split(separator: "HTTP/1.", omittingEmptySubsequences: false).dropFirst().compactMap { Int($0.dropFirst(2).prefix(3)) }
    }

    /// Waits until so many responses are there, or the server has ended the connection.
    func waitForResponses(_ count: Int = 1, within patience: Duration = .seconds(3)) async throws {
        try await eventually(within: patience, every: .milliseconds(5)) { responses.count >= count || isClosed }
    }

    func waitUntilClosed(within patience: Duration) async throws -> Bool {
        try await eventually(within: patience, every: .milliseconds(10)) { isClosed }
    }

    func close() async {
        try? await channel.close()
    }

    func reset() async {
        _ = try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close()
    }
}
