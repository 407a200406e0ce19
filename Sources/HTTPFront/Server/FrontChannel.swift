package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import SaleService

/// The pipeline of one connection on the public port: HTTP/1.1, one request at a time, purchases
/// answered on the spot, everything else by Hummingbird.
///
/// It holds one handler, and gets the others at the first byte that is not of a usual purchase:
/// most connections of a flash sale never need them.
package struct FrontChannel: ServerChildChannel, HTTPChannelHandler {
    package let responder: HTTPChannelHandler.Responder
    private let contexts: PurchaseContexts
    private let environment: ConnectionEnvironment

    package init(responder: @escaping HTTPChannelHandler.Responder, contexts: PurchaseContexts, environment: ConnectionEnvironment) {
        self.responder = responder
        self.contexts = contexts
        self.environment = environment
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<FrontConnection> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let registry = environment.registry(of: channel.eventLoop)
            let shared = contexts.context(on: channel.eventLoop)
            let connection = ConnectionHandler(registry: registry)
            let pipelining = PipeliningHandler(connection: connection, environment: environment)
            let gate = PurchaseGate(shared: shared, registry: registry, peer: channel.remoteAddress?.ipAddress)
            let purchases = PurchaseHandler(gate: gate, shared: shared, registry: registry, pipelining: pipelining)
            connection.reader = gate.fastPathReader
            let wanted = channel.eventLoop.makePromise(of: RouterEntry.Wanted.self)
            channel.closeFuture.whenComplete { _ in wanted.succeed(nil) }
            connection.addDecoder = { pipeline in
                try pipeline.addHandler(HTTPResponseEncoder())
                try pipeline.addHandler(ByteToMessageHandler(Self.decoder()))
                try pipeline.addHandler(pipelining)
                try pipeline.addHandler(purchases)
                try pipeline.addHandler(BulkheadHandler(shared: shared, registry: registry, pipelining: pipelining))
                try pipeline.addHandler(RouterEntry(connection: connection, wanted: wanted))
            }
            if let proxyProtocol = environment.proxyProtocol, proxyProtocol.isSpoken(by: channel.remoteAddress) {
                try pipeline.addHandler(
                    proxyProtocol.handler { client in
                        if let client { gate.setPeer(client) } else { gate.distrustPeer() }
                        connection.reader = gate.fastPathReader
                    })
            }
            try channel.syncOptions?.setOption(.autoRead, value: false)
            // A usual request is a few hundred bytes: NIO would shrink its buffer to that, and look
            // again after every request that fills it. Heads are longer now and then, and had
            // better come in one piece.
            try channel.syncOptions?.setOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 2_048, maximum: 16_384))
            try pipeline.addHandler(connection)
            return FrontConnection(channel, wanted: wanted.futureResult)
        }
    }

    private static func decoder() -> HTTPRequestDecoder {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = Limits.headerBytesMax
        limits.maxHeaderListSize = Limits.headerBytesMax
        limits.maxHeaderFieldCount = Limits.headerCountMax
        return HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    }

    package func handle(value connection: FrontConnection, logger: Logger) async {
        guard let router = await connection.router() else { return }
        await handleHTTP(asyncChannel: router, logger: logger)
    }
}
