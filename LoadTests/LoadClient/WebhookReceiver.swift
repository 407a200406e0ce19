import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization

/// Receives webhooks on the loopback address: answers as its owner says, and keeps what came. Its
/// port stays its own while it is down.
package final class WebhookReceiver: Sendable {
    /// One request, as it came.
    package struct Message: Sendable {
        package var path: String
        package var headers: HTTPHeaders
        package var body: String

        package var id: String { headers.first(name: "webhook-id") ?? "" }

        /// What a signature is over (https://www.standardwebhooks.com).
        package var signed: String { "\(id).\(headers.first(name: "webhook-timestamp") ?? "").\(body)" }

        /// Base64, one for each secret that signed.
        package var signatures: [String] {
            (headers.first(name: "webhook-signature") ?? "").split(separator: " ").compactMap {
                $0.hasPrefix("v1,") ? String($0.dropFirst(3)) : nil
            }
        }
    }

    package enum Reply: Sendable {
        case status(Int, [(String, String)] = [], after: Duration = .zero)
        /// The connection ends without an answer.
        case cut
    }

    private struct State {
        var listener: (any Channel)?
        var port = 0
        var connections: [ObjectIdentifier: any Channel] = [:]
        var taken: [Message] = []
        var count = 0
    }

    private let state = Mutex(State())
    private let reply: @Sendable (Message) -> Reply

    package init(_ reply: @escaping @Sendable (Message) -> Reply = { _ in .status(204) }) {
        self.reply = reply
    }

    package var port: Int { state.withLock { $0.port } }
    package var url: String { "http://127.0.0.1:\(port)/hooks" }
    /// Those that were answered with 2xx.
    package var taken: [Message] { state.withLock { $0.taken } }
    /// How many came, whatever was answered.
    package var messageCount: Int { state.withLock { $0.count } }

    package func start() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    self.state.withLock { $0.connections[ObjectIdentifier(channel)] = channel }
                    channel.closeFuture.whenComplete { _ in
                        self.state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Responder(self))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        state.withLock { state in
            state.listener = listener
            state.port = listener.localAddress?.port ?? 0
        }
    }

    /// As if its process had been killed.
    package func stop() async {
        let channels = state.withLock { state in [state.listener].compactMap(\.self) + Array(state.connections.values) }
        for channel in channels { try? await channel.close() }
    }

    fileprivate func reply(to message: Message) -> Reply {
        let reply = reply(message)
        state.withLock { state in
            state.count += 1
            if case .status(200..<300, _, _) = reply { state.taken.append(message) }
        }
        return reply
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let receiver: WebhookReceiver
        private var message = Message(path: "", headers: [:], body: "")

        init(_ receiver: WebhookReceiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): message = Message(path: head.uri, headers: head.headers, body: "")
            case .body(let part): message.body += String(buffer: part)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            switch receiver.reply(to: message) {
            case .cut: context.close(promise: nil)
            case .status(let status, let headers, let delay):
                let channel = context.channel
                let headers = HTTPHeaders(headers + [("Content-Length", "0")])
                let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
                context.eventLoop.scheduleTask(in: .nanoseconds(Int64(delay / .nanoseconds(1)))) {
                    channel.write(HTTPServerResponsePart.head(head), promise: nil)
                    channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
                }
            }
        }
    }
}
