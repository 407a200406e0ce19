import LoadModel
import NIOCore

/// One connection, one request at a time. Lives on the event loop of its lane.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Nothing is under way. Next: `awaiting` on send, `closed` when the other end closes.
        case idle
        /// A request was sent. Next: `idle` on its answer, `closed` when there will be none.
        case awaiting(LoadRequest, sentAt: UInt64)
        /// Terminal.
        case closed
    }

    private let lane: Lane
    private var state = State.idle
    private var context: ChannelHandlerContext?
    /// The other end has answered a request before: losing it now is nothing unusual.
    private(set) var hasAnswered = false
    /// The beginning of an answer that is not complete.
    private var received: ByteBuffer?
    private var bytes = ByteBuffer()

    init(lane: Lane) {
        self.lane = lane
    }

    var isIdle: Bool {
        if case .idle = state { context != nil } else { false }
    }

    /// When the request that awaits its answer was sent.
    var awaitingSince: UInt64? {
        if case .awaiting(_, let sentAt) = state { sentAt } else { nil }
    }

    /// Sends `request`. Only for an idle connection.
    func send(_ request: LoadRequest, writer: RequestWriter, now: UInt64) {
        guard case .idle = state, let context else { fatalError("sent on a busy or closed connection") }
        state = .awaiting(request, sentAt: now)
        writer.write(request, into: &bytes)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Ends the connection; what awaits its answer has an unknown outcome.
    func abandon(_ reason: String) {
        let previous = state
        state = .closed
        context?.close(promise: nil)
        switch previous {
        case .idle: lane.closed(self)
        case .awaiting(let request, _):
            lane.lost(request, .unknown, because: reason)
            lane.closed(self)
        case .closed: break
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received != nil {
            received?.writeBuffer(&bytes)
        } else {
            received = bytes
        }
        guard case .awaiting(let request, _) = state else { return abandon("answer without a request") }
        do throws(MalformedResponse) {
            guard let response = try read() else { return }
            let isExact = response.bytesCount == received?.readableBytes
            received = nil
            state = .idle
            hasAnswered = true
            lane.answered(request, response)
            if response.closes || !isExact {
                abandon("the last answer of this connection")
            } else {
                lane.becameIdle(self)
            }
        } catch {
            abandon("unreadable answer: \(error.reason)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon("connection closed without an answer")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        abandon("connection failed without an answer")
    }

    private func read() throws(MalformedResponse) -> PurchaseResponse? {
        guard let received else { return nil }
        return try PurchaseResponse.read(received.readableBytesUInt8Span)
    }
}
