import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on the loopback address that answers each path as a test says, and remembers what
/// it was asked for.
final class TestPublisher: Sendable {
    enum Reply: Sendable {
        case ok(String)
        case status(Int, location: String)
        /// A 200 whose body goes on until the client has had enough.
        case endless
        /// Nothing, ever.
        case silence
        /// A 200 that says how long it is and comes one byte at a time.
        case dripping(String, every: TimeAmount)
        case cut
    }

    fileprivate let reply: @Sendable (String) -> Reply
    private let asked = Mutex<[String]>([])
    private let listener = Mutex<(any Channel)?>(nil)

    fileprivate init(_ reply: @escaping @Sendable (String) -> Reply) {
        self.reply = reply
    }

    var paths: [String] { asked.withLock { $0 } }
    var port: Int { listener.withLock { $0?.localAddress?.port ?? 0 } }
    func url(_ path: String) -> URL { URL(string: "http://127.0.0.1:\(port)\(path)")! }

    fileprivate func start() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Responder(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
    }

    fileprivate func stop() async {
        try? await listener.withLock { $0 }?.close()
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let publisher: TestPublisher
        private var path = ""

        init(_ publisher: TestPublisher) {
            self.publisher = publisher
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): path = head.uri
            case .body: break
            case .end:
                publisher.asked.withLock { $0.append(path) }
                answer(publisher.reply(path), context)
            }
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            switch reply {
            case .ok(let body):
                head(200, ["Content-Length": "\(body.utf8.count)"], context)
                send(body, context)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .status(let status, let location):
                head(status, ["Location": location, "Content-Length": "0"], context)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .endless:
                head(200, [:], context)
                goOn(context)
            case .silence: break
            case .dripping(let body, let pause):
                head(200, ["Content-Length": "\(body.utf8.count)"], context)
                drip(body[...], pause, context)
            case .cut:
                head(200, ["Content-Length": "1000"], context)
                send("{", context)
                context.flush()
                context.close(promise: nil)
            }
        }

        private func goOn(_ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            send(String(repeating: " ", count: 16_384), context)
            let flushed = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: flushed)
            flushed.futureResult.whenSuccess { loop.value.0.goOn(loop.value.1) }
        }

        private func drip(_ rest: Substring, _ pause: TimeAmount, _ context: ChannelHandlerContext) {
            guard context.channel.isActive, let first = rest.first else { return }
            send(String(first), context)
            context.flush()
            let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: pause) { loop.value.0.drip(rest.dropFirst(), pause, loop.value.1) }
        }

        private func head(_ status: Int, _ fields: [String: String], _ context: ChannelHandlerContext) {
            let headers = HTTPHeaders(fields.map { ($0.key, $0.value) })
            let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        }

        private func send(_ text: String, _ context: ChannelHandlerContext) {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
    }
}

/// Runs a publisher that answers as `reply` says while `body` runs.
func withPublisher(
    _ reply: @escaping @Sendable (String) -> TestPublisher.Reply, _ body: (TestPublisher) async throws -> Void
) async throws {
    let publisher = TestPublisher(reply)
    try await publisher.start()
    do {
        try await body(publisher)
    } catch {
        await publisher.stop()
        throw error
    }
    await publisher.stop()
}
