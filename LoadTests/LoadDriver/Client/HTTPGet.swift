import NIOCore
import NIOHTTP1
import NIOPosix

/// Why a page could not be read.
struct GetError: Error, CustomStringConvertible {
    var description: String
}

/// Reads one page over a connection of its own.
enum HTTPGet {
    private static let bytesMax = 8 << 20
    private static let timeout = TimeAmount.seconds(5)

    /// - Throws: `GetError` unless the answer is a 200.
    static func text(_ target: Target, path: String) async throws(GetError) -> String {
        do {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let promise = loop.makePromise(of: NIOHTTPClientResponseFull.self)
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(NIOHTTPClientResponseAggregator(maxContentLength: bytesMax))
                        try channel.pipeline.syncOperations.addHandler(ResponseReceiver(promise))
                    }
                }
                .connect(host: target.host, port: target.port)
                .flatMapError { error in
                    promise.fail(error)
                    return loop.makeFailedFuture(error)
                }.get()
            let late = loop.scheduleTask(in: timeout) { channel.close(promise: nil) }
            let fields = HTTPHeaders([("Host", target.authority), ("Connection", "close")])
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path + path, headers: fields)
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            let response = try await promise.futureResult.get()
            late.cancel()
            channel.close(promise: nil)
            guard response.head.status == .ok else { throw GetError(description: "answered \(response.head.status.code)") }
            return response.body.map { String(buffer: $0) } ?? ""
        } catch let error as GetError {
            throw error
        } catch {
            throw GetError(description: ConnectionFailure.reason(error))
        }
    }
}

private final class ResponseReceiver: ChannelInboundHandler {
    typealias InboundIn = NIOHTTPClientResponseFull

    private let promise: EventLoopPromise<NIOHTTPClientResponseFull>

    init(_ promise: EventLoopPromise<NIOHTTPClientResponseFull>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        promise.succeed(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(GetError(description: "connection closed without an answer"))
    }
}
