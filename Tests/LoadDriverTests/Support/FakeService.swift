import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a real socket that answers purchases as a test wants.
final class FakeService: Sendable {
    struct Request: Sendable {
        /// The how-many-th request this is, from 0.
        var ordinal: Int
        var uri: String
        /// By lower-case name.
        var fields: [String: String]
        var body: String

        var user: String { fields["x-user-id", default: ""] }
    }

    /// When a request came, and when its answer was written.
    struct Answer: Sendable {
        var ordinal: Int
        var receivedAt: NIODeadline
        var writtenAt: NIODeadline
    }

    enum Reply: Sendable {
        case answer(status: Int, body: String, after: TimeAmount = .zero)
        /// Answers when so many requests of the same user await their answers.
        case together(count: Int, status: Int, body: String)
        /// Never answers, and keeps the connection.
        case silence
        /// Ends the connection without an answer.
        case hangUp

        static func committed(_ order: Int, after delay: TimeAmount = .zero) -> Reply {
            .answer(status: 201, body: "{\"id\":\"\(FakeService.order(order))\",\"state\":\"awaiting_payment\"}", after: delay)
        }

        static func problem(_ status: Int, _ code: String) -> Reply {
            .answer(status: status, body: "{\"type\":\"about:blank\",\"status\":\(status),\"code\":\"\(code)\"}")
        }
    }

    private let reply: @Sendable (Request) -> Reply
    private let seen = Mutex<[Request]>([])
    private let answers = Mutex<[Answer]>([])
    private let gathering = Mutex<[String: [@Sendable () -> Void]]>([:])

    /// Every answer with a delay so far, in the order in which they were written.
    var answered: [Answer] { answers.withLock { $0 } }
    /// Every request so far, in the order of arrival.
    var requests: [Request] { seen.withLock { $0 } }

    private init(_ reply: @escaping @Sendable (Request) -> Reply) {
        self.reply = reply
    }

    /// The id of the order number `number`.
    static func order(_ number: Int) -> String {
        let digits = String(number)
        return "01900000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// Runs `body` beside a server that answers by `reply`, with its URL.
    static func with(
        _ reply: @escaping @Sendable (Request) -> Reply, _ body: (FakeService, String) async throws -> Void
    ) async throws {
        let service = FakeService(reply)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeServiceHandler(service))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(service, "http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    fileprivate func wrote(_ answer: Answer) {
        answers.withLock { $0.append(answer) }
    }

    /// Runs every `answer` of `user` once there are `count` of them.
    fileprivate func gather(_ count: Int, of user: String, answer: @escaping @Sendable () -> Void) {
        let complete = gathering.withLock { gathering in
            gathering[user, default: []].append(answer)
            return gathering[user, default: []].count == count ? gathering.removeValue(forKey: user) : nil
        }
        for answer in complete ?? [] { answer() }
    }

    fileprivate func received(_ head: HTTPRequestHead, body: String) -> (Request, Reply) {
        let fields = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 + ", " + $1 })
        let request = seen.withLock { seen in
            let request = Request(ordinal: seen.count, uri: "\(head.method) \(head.uri)", fields: fields, body: body)
            seen.append(request)
            return request
        }
        return (request, reply(request))
    }
}

private final class FakeServiceHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: FakeService
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ service: FakeService) {
        self.service = service
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let buffer): body += String(buffer: buffer)
        case .end:
            guard let head else { return }
            let (request, reply) = service.received(head, body: body)
            perform(reply, to: request, context: context)
        }
    }

    private func perform(_ reply: FakeService.Reply, to request: FakeService.Request, context: ChannelHandlerContext) {
        let receivedAt = NIODeadline.now()
        switch reply {
        case .silence: break
        case .hangUp: context.close(promise: nil)
        case .answer(let status, let body, let delay):
            context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
                self.answer(status, body, context: context)
                let answer = FakeService.Answer(ordinal: request.ordinal, receivedAt: receivedAt, writtenAt: .now())
                self.service.wrote(answer)
            }
        case .together(let count, let status, let body):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            service.gather(count, of: request.user) {
                bound.eventLoop.execute {
                    let (handler, context) = bound.value
                    handler.answer(status, body, context: context)
                }
            }
        }
    }

    private func answer(_ status: Int, _ body: String, context: ChannelHandlerContext) {
        let fields = HTTPHeaders([("Content-Length", String(body.utf8.count)), ("Content-Type", "application/json")])
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
