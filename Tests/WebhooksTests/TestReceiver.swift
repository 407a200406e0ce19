import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A receiver of webhooks on the loopback address that answers as a test says, and remembers what
/// it got.
final class TestReceiver: Sendable {
    struct Request: Sendable {
        var headers: [String: String]
        var body: String
    }

    enum Reply: Sendable {
        case status(Int, [String: String] = [:], body: String = "")
        /// Nothing, ever.
        case silence
        /// The connection ends.
        case cut
    }

    fileprivate let reply: @Sendable (Request) -> Reply
    private let received = Mutex<[Request]>([])
    private let listener = Mutex<(any Channel)?>(nil)

    init(_ reply: @escaping @Sendable (Request) -> Reply) {
        self.reply = reply
    }

    var requests: [Request] { received.withLock { $0 } }
    var port: Int { listener.withLock { $0?.localAddress?.port ?? 0 } }
    var url: URL { URL(string: "http://127.0.0.1:\(port)/hook")! }

    func start(port: Int = 0) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Responder(self))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        listener.withLock { $0 = channel }
    }

    func stop() async {
        try? await listener.withLock { $0 }?.close()
    }

    fileprivate func received(_ request: Request) { received.withLock { $0.append(request) } }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let receiver: TestReceiver
        private var request = Request(headers: [:], body: "")

        init(_ receiver: TestReceiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(
                    headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }, body: "")
                request.headers[":method"] = head.method.rawValue
                request.headers[":path"] = head.uri
            case .body(let part): request.body += String(buffer: part)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let reply = receiver.reply(request)
            receiver.received(request)
            switch reply {
            case .silence: break
            case .cut: context.close(promise: nil)
            case .status(let status, let headers, let body):
                var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
                for (name, value) in headers { head.headers.add(name: name, value: value) }
                head.headers.replaceOrAdd(name: "Content-Length", value: "\(body.utf8.count)")
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

/// Runs `body` with a receiver that listens.
func withReceiver<Value>(
    _ reply: @escaping @Sendable (TestReceiver.Request) -> TestReceiver.Reply, _ body: (TestReceiver) async throws -> Value
) async throws -> Value {
    let receiver = TestReceiver(reply)
    try await receiver.start()
    do {
        let value = try await body(receiver)
        await receiver.stop()
        return value
    } catch {
        await receiver.stop()
        throw error
    }
}
