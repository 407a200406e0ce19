package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import SaleService

/// The pipeline of one connection on the public port: HTTP/1.1, one request at a time, purchases answered on the spot, everything else by Hummingbird.
package struct FrontChannel: ServerChildChannel, HTTPChannelHandler {
    package let responder: HTTPChannelHandler.Responder
    private let desks: PurchaseDeskSet
    private let state: FrontState

    package init(responder: @escaping HTTPChannelHandler.Responder, desks: PurchaseDeskSet, state: FrontState) {
        self.responder = responder
        self.desks = desks
        self.state = state
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<FrontConnection> {
        channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = Limits.headerBytesMax
            limits.maxHeaderListSize = Limits.headerBytesMax
            limits.maxHeaderFieldCount = Limits.headerCountMax
            let pipeline = channel.pipeline.syncOperations
            let loop = state.loop(channel.eventLoop)
            let desk = desks.desk(on: channel.eventLoop)
            let connection = ConnectionGuard(loop: loop)
            let sequencer = RequestSequencer(connection: connection, state: state)
            let purchases = PurchaseHandler(desk: desk, loop: loop, sequencer: sequencer, remoteAddress: channel.remoteAddress)
            let express = ExpressHandler(reader: purchases.expressReader, sequencer: sequencer)
            if let proxyProtocol = state.proxyProtocol, proxyProtocol.isSpoken(by: channel.remoteAddress) {
                try pipeline.addHandler(
                    proxyProtocol.handler { client in
                        if let client { purchases.setPeer(client) } else { purchases.distrustPeer() }
                        express.reader = purchases.expressReader
                    })
            }
            try pipeline.addHandler(connection)
            try pipeline.addHandler(express)
            try pipeline.addHandler(HTTPResponseEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)))
            try pipeline.addHandler(sequencer)
            try pipeline.addHandler(purchases)
            try pipeline.addHandler(ReserveHandler(desk: desk, loop: loop, sequencer: sequencer))
            let entry = RouterEntry(eventLoop: channel.eventLoop)
            try pipeline.addHandler(entry)
            return FrontConnection(entry, of: channel)
        }
    }

    package func handle(value connection: FrontConnection, logger: Logger) async {
        guard let router = await connection.router() else { return }
        await handleHTTP(asyncChannel: router, logger: logger)
    }
}
