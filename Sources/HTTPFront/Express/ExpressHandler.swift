import NIOCore

/// Takes purchases of the usual form out of the bytes before the decoder sees them, and hands them to the sequencer, in whose line they stand like every other
/// request.
final class ExpressHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    var reader: ExpressReader
    private let sequencer: RequestSequencer
    private var position = DecoderPosition()
    /// The decoder got some of what is being read.
    private var hasForwarded = false

    init(reader: ExpressReader, sequencer: RequestSequencer) {
        self.reader = reader
        self.sequencer = sequencer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while position.isBetweenRequests, bytes.readableBytes > 0, let purchase = reader.next(from: &bytes) { sequencer.take(purchase) }
        guard bytes.readableBytes > 0 else { return }
        hasForwarded = true
        let before = sequencer.decoded
        context.fireChannelRead(wrapInboundOut(bytes))
        let after = sequencer.decoded
        position.decoded(
            bytes.readableBytesView, .init(heads: after.heads - before.heads, ends: after.ends - before.ends, bodyLength: after.bodyLength))
    }

    /// Those behind it that saw nothing of a read need not hear of its end.
    func channelReadComplete(context: ChannelHandlerContext) {
        guard hasForwarded else { return sequencer.readEnded() }
        hasForwarded = false
        context.fireChannelReadComplete()
    }
}
