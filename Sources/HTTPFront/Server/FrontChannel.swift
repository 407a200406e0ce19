package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import SaleService

/// The pipeline of one connection on the public port: HTTP/1.1, one request at a time, purchases answered on the spot, everything else by Hummingbird.
package struct FrontChannel: ServerChildChannel, HTTPChannelHandler {
    package typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    package let responder: HTTPChannelHandler.Responder
    private let desks: PurchaseDeskSet

    package init(responder: @escaping HTTPChannelHandler.Responder, desks: PurchaseDeskSet) {
        self.responder = responder
        self.desks = desks
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = Limits.headerBytesMax
            limits.maxHeaderListSize = Limits.headerBytesMax
            limits.maxHeaderFieldCount = Limits.headerCountMax
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(IdleStateHandler(readTimeout: .seconds(Int64(Limits.idleTimeoutSeconds))))
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: true, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            try pipeline.addHandler(
                PurchaseHandler(desk: desks.desk(on: channel.eventLoop), remoteAddress: channel.remoteAddress))
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    package func handle(value asyncChannel: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: asyncChannel, logger: logger)
    }
}
