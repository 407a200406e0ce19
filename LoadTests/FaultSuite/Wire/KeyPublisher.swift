import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server that publishes one document and counts who asks for it.
final class KeyPublisher: Sendable {
    private struct State {
        var document: String
        var requests = 0
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let answer: @Sendable () -> String

        init(_ answer: @escaping @Sendable () -> String) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let body = answer()
            let headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": "\(body.utf8.count)"]
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private let listener: any Channel
    private let state: Mutex<State>

    var url: String { "http://127.0.0.1:\(listener.localAddress?.port ?? 0)/keys" }
    var requests: Int { state.withLock { $0.requests } }

    static func start(_ document: String) async throws -> KeyPublisher {
        let publisher = Later()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Responder { publisher.answer() })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let made = KeyPublisher(listener: listener, document: document)
        publisher.set(made)
        return made
    }

    private init(listener: any Channel, document: String) {
        self.listener = listener
        self.state = Mutex(State(document: document))
    }

    func publish(_ document: String) {
        state.withLock { $0.document = document }
    }

    func stop() async {
        try? await listener.close()
    }

    private func answer() -> String {
        state.withLock { state in
            state.requests += 1
            return state.document
        }
    }

    /// The listener is there before the publisher that it asks.
    private final class Later: Sendable {
        private let value = Mutex<KeyPublisher?>(nil)
        func set(_ publisher: KeyPublisher) { value.withLock { $0 = publisher } }
        func answer() -> String { value.withLock { $0 }?.answer() ?? "{\"keys\":[]}" }
    }
}
