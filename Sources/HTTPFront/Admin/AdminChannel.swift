package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1
package import SaleCore

/// Hummingbird's connection, which hears of HTTP/1.0 only what it can answer, and whose answers
/// bear this service's `Date`.
package struct AdminChannel: ServerChildChannel, HTTPChannelHandler {
    private let base: HTTP1Channel
    private let now: @Sendable () -> Timestamp

    package init(responder: @escaping HTTPChannelHandler.Responder, now: @escaping @Sendable () -> Timestamp) {
        base = HTTP1Channel(responder: responder)
        self.now = now
    }

    package var responder: HTTPChannelHandler.Responder { base.responder }

    package func setup(
        channel: any Channel, logger: Logger
    ) -> EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { [now] value in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(AdminManners(now: now), position: .before(codec))
            return value
        }
    }

    package func handle(value channel: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, logger: Logger) async {
        await base.handle(value: channel, logger: logger)
    }
}

/// A client of HTTP/1.0 would have to be told that its connection stays open: it is closed after
/// the answer instead.
final class AdminManners: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let now: @Sendable () -> Timestamp
    private var isLast = false

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        isLast = head.version != .http1_1
        if isLast { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        if isLast { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        head.headers.replaceOrAdd(name: "Date", value: now().httpDate)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
