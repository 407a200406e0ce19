import Foundation
import LoadSupport
import NIOCore
import NIOPosix
import Synchronization

/// Clients that watch a sale, and read all that they are sent.
final class Watchers: Sendable {
    /// A node takes no more from one address.
    private static let perAddress = 10
    private static let patience = Duration.seconds(30)

    /// From the first connect to the first event of the last one, in milliseconds.
    let openedWithin: Int
    private let group: MultiThreadedEventLoopGroup
    private let heard: Heard

    private init(openedWithin: Int, group: MultiThreadedEventLoopGroup, heard: Heard) {
        self.openedWithin = openedWithin
        self.group = group
        self.heard = heard
    }

    /// - Returns: when each has had its first event.
    static func open(_ audience: AudienceAddress) async throws -> Watchers {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let heard = Heard()
        do {
            let start = ContinuousClock.now
            for number in 0..<audience.streams {
                try await connect(from: "127.0.1.\(number / perAddress + 1)", to: audience.port, audience.path, heard, group)
            }
            if audience.hasConsole { try await connect(from: "127.0.0.1", to: audience.adminPort, "/admin/v1/live", heard, group) }
            while heard.opened < audience.streams + (audience.hasConsole ? 1 : 0) {
                guard heard.lost == 0, ContinuousClock.now - start < patience else {
                    throw BenchFailure("only \(heard.opened) of \(audience.streams) streams have opened, \(heard.lost) ended")
                }
                try await Task.sleep(for: .milliseconds(1))
            }
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            return Watchers(openedWithin: milliseconds, group: group, heard: heard)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// All that were opened.
    var events: Int { heard.stockEvents }
    /// Streams that have ended.
    var lost: Int { heard.lost }

    func close() async {
        try? await group.shutdownGracefully()
    }

    private static func connect(
        from address: String, to port: Int, _ path: String, _ heard: Heard, _ group: MultiThreadedEventLoopGroup
    ) async throws {
        let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Watcher(heard)) }
            }
            .bind(to: SocketAddress(ipAddress: address, port: 0))
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: request))
    }
}

/// Where an audience finds what it watches.
struct AudienceAddress: Sendable {
    var streams: Int
    var hasConsole: Bool
    var port: Int
    var adminPort: Int
    /// Of the sale's stream.
    var path: String
}

/// What all watchers together have heard.
private final class Heard: Sendable {
    private let counts = Mutex((opened: 0, lost: 0, stockEvents: 0))

    var opened: Int { counts.withLock { $0.opened } }
    var lost: Int { counts.withLock { $0.lost } }
    var stockEvents: Int { counts.withLock { $0.stockEvents } }

    func open() { counts.withLock { $0.opened += 1 } }
    func lose() { counts.withLock { $0.lost += 1 } }
    func stockEvent() { counts.withLock { $0.stockEvents += 1 } }
}

private final class Watcher: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let heard: Heard
    private var hasOpened = false

    init(_ heard: Heard) { self.heard = heard }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // An event is written in one piece, and far smaller than what is read at once.
        let bytes = unwrapInboundIn(data).readableBytesView
        if !hasOpened, bytes.firstRange(of: "\ndata: ".utf8) != nil {
            hasOpened = true
            heard.open()
        }
        if bytes.starts(with: "event: stock".utf8) || bytes.firstRange(of: "\nevent: stock".utf8) != nil { heard.stockEvent() }
    }

    func channelInactive(context: ChannelHandlerContext) { heard.lose() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
