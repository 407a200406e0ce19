import NIOCore
import NIOHTTP1

/// One request, and whom its response is promised to.
struct WebExchange: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer?
    var deadline: NIODeadline
    var response: EventLoopPromise<WebResponse>
}

/// One connection: sends one request at a time and gives each promise its outcome.
final class WebConnection: ChannelDuplexHandler {
    typealias InboundIn = NIOHTTPClientResponseFull
    typealias OutboundIn = WebExchange
    typealias OutboundOut = HTTPClientRequestPart

    private var response: EventLoopPromise<WebResponse>?
    private var deadline: Scheduled<Void>?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        response = exchange.response
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(deadline: exchange.deadline) {
            exchange.response.fail(WebClientError.timeout)
            channel.close(promise: nil)
        }
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        if let body = exchange.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        // A server may answer and close before it has read everything: then there is a response
        // although this fails, and the end of the connection tells whoever has none.
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        promise?.succeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let full = unwrapInboundIn(data)
        deadline?.cancel()
        // Taken before the close, which fails what is still owed, and kept until after it: whoever
        // keeps the connection finds it closed.
        let answered = response.take()
        if !full.head.isKeepAlive { context.close(promise: nil) }
        answered?.succeed(WebResponse(status: Int(full.head.status.code), headers: full.head.headers, body: full.body ?? ByteBuffer()))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.broken("\(error)"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed)
        context.fireChannelInactive()
    }

    private func fail(_ error: WebClientError) {
        deadline?.cancel()
        response.take()?.fail(error)
    }
}
