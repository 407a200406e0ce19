import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HTTPFront

/// One connection without a socket, on a clock that the test turns, with an application that
/// answers at once unless the path says otherwise: `/wait` is answered when the test says so,
/// `/early` with its head, before its body.
final class ConnectionUnderTest {
    let channel: EmbeddedChannel
    let environment: ConnectionEnvironment
    let application = ScriptedApplication()

    /// - Parameter isConnected: otherwise it is accepted, and not yet told that it is open.
    init(isConnected: Bool = true, _ change: (inout ConnectionLimits) -> Void = { _ in }) throws {
        var limits = ConnectionLimits()
        change(&limits)
        environment = ConnectionEnvironment(limits: limits)
        channel = EmbeddedChannel()
        let connection = ConnectionHandler(registry: environment.registry(of: channel.eventLoop))
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HalfClosing())
        try pipeline.addHandler(connection)
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        let pipelining = PipeliningHandler(connection: connection, environment: environment)
        pipelining.answerer = application
        try pipeline.addHandler(pipelining)
        try pipeline.addHandler(application)
        if isConnected { try connect() }
    }

    func connect() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    static func request(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: h\r\n\(headers)\r\n"
    }

    func receive(_ text: String) throws {
        // What cannot be read is answered, and not a failure of the test.
        _ = try? channel.writeInbound(ByteBuffer(string: text))
    }

    /// Everything that was sent since the last call.
    func sent() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// The paths of the answers that were sent since the last call, or the statuses of those that
    /// are no success.
    func answers() throws -> [String] {
        try sent().matches(of: #/HTTP/1\.1 ([0-9]{3}) [^\r]*\r\n(?:X-Path: ([^\r]*)\r\n)?/#).map { String($0.2 ?? $0.1) }
    }

    func advance(seconds: Double) {
        channel.embeddedEventLoop.advanceTime(by: .nanoseconds(Int64(seconds * 1e9)))
    }

    /// The client may have what is written, and would be reset by more than that.
    var isOpen: Bool { channel.isActive }
}

/// An embedded channel knows no half-closed state: keeps it open, as a socket would be.
private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }
}

final class ScriptedApplication: ChannelInboundHandler, LoopAnswerer {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var path = ""
    private var depth = 0
    private var context: ChannelHandlerContext?
    private(set) var depthMax = 0
    private(set) var failures: [RequestFailure] = []
    private(set) var paths: [String] = []

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        depth += 1
        depthMax = max(depthMax, depth)
        switch unwrapInboundIn(data) {
        case .head(let head):
            path = head.uri
            paths.append(path)
            if path == "/early" { answer() }
        case .body: break
        case .end: if path != "/wait", path != "/early" { answer() }
        }
        depth -= 1
    }

    /// No request is taken out of the bytes here.
    func began(_ request: FastPathRequest) {}

    func connectionEnded() {}

    func failed(_ failure: RequestFailure) {
        failures.append(failure)
        answer(HTTPResponseStatus(statusCode: failure.problem.code.status))
    }

    func answer(_ status: HTTPResponseStatus = .ok) {
        guard let context else { return }
        let headers: HTTPHeaders = status == .ok ? ["X-Path": path, "Content-Length": "2"] : ["Content-Length": "2"]
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "ok")))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
