import NIOCore

/// Takes the PROXY header off the front of a connection, tells who is behind it, and leaves.
///
/// Stands before everything else, so that the first byte that the others see is the client's.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var held = ByteBuffer()
    private let onHeader: (ProxyHeader) -> Void
    private let onInvalid: () -> Void

    /// - Parameter onInvalid: the connection is about to be closed: whoever cannot say for whom it
    ///   speaks must not be taken for a buyer.
    init(onHeader: @escaping (ProxyHeader) -> Void, onInvalid: @escaping () -> Void) {
        self.onHeader = onHeader
        self.onInvalid = onInvalid
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        held.writeBuffer(&bytes)
        let arrived = held
        switch ProxyHeader.read(arrived.readableBytesSpan) {
        case .incomplete: return
        case .invalid:
            held.clear()
            onInvalid()
            context.close(promise: nil)
        case .complete(let header, let byteCount):
            held.moveReaderIndex(forwardBy: byteCount)
            onHeader(header)
            let rest = held
            held = ByteBuffer()
            if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }
}
