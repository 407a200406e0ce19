package import LoadModel
package import NIOCore

/// Whoever has connections, and hears what becomes of them, on their event loop.
package protocol LoadConnectionOwner: AnyObject {
    /// It can take a request: a new connection, or one that has been answered.
    func becameIdle(_ connection: LoadConnection)
    func answered(_ request: LoadRequest, _ response: PurchaseResponse)
    /// `request` ended without an answer.
    func lost(_ request: LoadRequest, _ outcome: Outcome, because reason: String)
    func closed(_ connection: LoadConnection)
}

/// One connection, one request at a time. Lives on the event loop of its owner.
package final class LoadConnection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        /// Nothing is under way. Next: `awaiting` on send, `closed` when the other end closes.
        case idle
        /// A request was sent. Next: `idle` on its answer, `closed` when there will be none.
        case awaiting(LoadRequest, sentAt: UInt64)
        /// Terminal.
        case closed
    }

    private let owner: any LoadConnectionOwner
    private var state = State.idle
    private var context: ChannelHandlerContext?
    /// The other end has answered a request before: losing it now is nothing unusual.
    package private(set) var hasAnswered = false
    /// The beginning of an answer that is not complete.
    private var received: ByteBuffer?
    private var bytes = ByteBuffer()

    init(owner: any LoadConnectionOwner) {
        self.owner = owner
    }

    package var isIdle: Bool {
        if case .idle = state { context != nil } else { false }
    }

    /// When the request that awaits its answer was sent.
    package var awaitingSince: UInt64? {
        if case .awaiting(_, let sentAt) = state { sentAt } else { nil }
    }

    /// Sends `request`. Only for an idle connection.
    ///
    /// - Parameter write: replaces the content of the buffer by the request.
    package func send(_ request: LoadRequest, now: UInt64, write: (LoadRequest, inout ByteBuffer) -> Void) {
        guard case .idle = state, let context else { fatalError("sent on a busy or closed connection") }
        state = .awaiting(request, sentAt: now)
        write(request, &bytes)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Ends the connection; what awaits its answer has an unknown outcome.
    package func abandon(_ reason: String) {
        let previous = state
        state = .closed
        context?.close(promise: nil)
        switch previous {
        case .idle: owner.closed(self)
        case .awaiting(let request, _):
            owner.lost(request, .unknown, because: reason)
            owner.closed(self)
        case .closed: break
        }
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
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
            owner.answered(request, response)
            if response.closes || !isExact {
                abandon("the last answer of this connection")
            } else {
                owner.becameIdle(self)
            }
        } catch {
            abandon("unreadable answer: \(error.reason)")
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        abandon("connection closed without an answer")
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        abandon("connection failed without an answer")
    }

    private func read() throws(MalformedResponse) -> PurchaseResponse? {
        guard let received else { return nil }
        return try PurchaseResponse.read(received.readableBytesUInt8Span)
    }
}
