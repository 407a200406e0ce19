import HummingbirdCore
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Where a connection meets the router: Hummingbird's part of the pipeline is added when the first
/// request for it comes.
///
/// Most connections of a flash sale only purchase and never need it. And a connection that the
/// server accepts while it stops is never handed to Hummingbird; its `NIOAsyncChannel`, if it had
/// one, would trap when nobody runs it.
final class RouterEntry: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    typealias Wanted = NIOLoopBound<RouterEntry>?

    private let connection: ConnectionHandler
    private let wanted: EventLoopPromise<Wanted>
    private var context: ChannelHandlerContext?
    /// Parts of the first request, until the router is there.
    private var held: [HTTPServerRequestPart] = []
    private var isAttached = false
    private var isReadHeld = false

    /// - Parameter wanted: told this when the first request for the router comes.
    init(connection: ConnectionHandler, wanted: EventLoopPromise<Wanted>) {
        self.connection = connection
        self.wanted = wanted
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        held = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAttached else { return context.fireChannelRead(data) }
        held.append(unwrapInboundIn(data))
        guard held.count == 1 else { return }
        connection.leaveReadsToPipeline()
        wanted.succeed(NIOLoopBound(self, eventLoop: context.eventLoop))
    }

    func read(context: ChannelHandlerContext) {
        if isAttached || held.isEmpty { context.read() } else { isReadHeld = true }
    }

    /// Adds Hummingbird's part and hands on what came before. Whoever gets it must run it. On the
    /// event loop.
    ///
    /// - Throws: `ChannelError.ioOnClosedChannel` when the connection is gone.
    func attach() throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        guard let context, context.channel.isActive else { throw ChannelError.ioOnClosedChannel }
        try context.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        let channel = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: context.channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        isAttached = true
        for part in held { context.fireChannelRead(wrapInboundOut(part)) }
        held = []
        context.fireChannelReadComplete()
        if isReadHeld { context.read() }
        return channel
    }
}

/// A connection of the public port, as the server hands it to its task.
package struct FrontConnection: ServerChildChannelValue {
    package let channel: any Channel
    /// The router's entry when its first request comes, `nil` when the connection ends without one.
    private let wanted: EventLoopFuture<RouterEntry.Wanted>

    init(_ channel: any Channel, wanted: EventLoopFuture<RouterEntry.Wanted>) {
        self.channel = channel
        self.wanted = wanted
    }

    /// The router's end of the connection once it is wanted; `nil` when the connection ends before.
    func router() async -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>? {
        await withTaskCancellationHandler {
            guard let entry = (try? await wanted.get()) ?? nil else { return nil }
            return try? await channel.eventLoop.submit { try entry.value.attach() }.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
