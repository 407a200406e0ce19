import NIOCore

/// The outermost handler of a connection: keeps its deadlines and closes it so that the last answer arrives.
///
/// Sees bytes only, so it stays what it is whoever reads the requests. The sequencer behind it tells where the exchange stands.
final class ConnectionGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    let loop: FrontLoop
    private var deadlines: ConnectionDeadlines
    private var context: ChannelHandlerContext?
    private var lingeredBytes = 0
    private var isInputOver = false
    /// The bytes that are being read right now, when they are the first of a request; empty otherwise.
    private(set) var firstBytes = ByteBuffer()
    /// Told what is overdue: `nil` is the next request, otherwise an answer may tell the client.
    var onOverdue: (RequestFailure?) -> Void = { _ in }

    init(loop: FrontLoop) {
        self.loop = loop
        deadlines = ConnectionDeadlines(openedAt: loop.now)
    }

    var isOpen: Bool { context?.channel.isActive ?? false }

    /// Bytes of a request that is not complete are here.
    var isRequestComing: Bool { deadlines.isRequestComing }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.closed(self)
        onOverdue = { _ in }
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if case .lingering = deadlines.phase {
            lingeredBytes += bytes.readableBytes
            if lingeredBytes > loop.state.limits.lingerBytesMax { close() }
            return
        }
        if !deadlines.isRequestComing { firstBytes = bytes }
        deadlines.bytesArrived(at: loop.now)
        context.fireChannelRead(data)
        firstBytes = ByteBuffer()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if case .lingering = deadlines.phase { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.unwritableSince = context.channel.isWritable ? nil : loop.now
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputOver = true
            if case .lingering = deadlines.phase { return close() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: What the sequencer tells

    func requestEnded() { deadlines.requestEnded() }

    func exchangeEnded(isNextHere: Bool) { deadlines.exchangeEnded(isNextHere: isNextHere, at: loop.now) }

    // Past every other handler: none of them changes bytes, and each that is passed costs every purchase its share.

    func write(_ bytes: ByteBuffer) { context?.write(NIOAny(bytes), promise: nil) }
    func flush() { context?.flush() }
    func read() { context?.read() }

    /// Nothing more will be written: when all of it is with the kernel, shuts our side and waits for the client to shut its own.
    func finish() {
        guard let context else { return }
        // It was accepted in the moment in which the server stopped, and may never open: NIO forgets what its listener has not handed on when it closes.
        guard context.channel.isActive else { return close() }
        deadlines.lastAnswerWritten(at: loop.now)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(NIOAny(ByteBuffer())).whenComplete { _ in bound.value.lastAnswerSent() }
    }

    private func lastAnswerSent() {
        guard let context, context.channel.isActive else { return }
        guard !isInputOver else { return close() }
        deadlines.outputShut(at: loop.now)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Closes at once, past every handler.
    func close() {
        context?.close(promise: nil)
    }

    // MARK: The sweep

    /// Acts on what is overdue.
    func check(at now: UInt64, isCrowded: Bool) {
        guard let overdue = deadlines.overdue(at: now, limits: loop.state.limits, isCrowded: isCrowded) else { return }
        switch overdue {
        case .idle:
            loop.state.metrics.closed(.idle)
            onOverdue(nil)
        case .request: onOverdue(.requestTooSlow)
        case .answer: onOverdue(.answerTooSlow)
        case .reader:
            loop.state.metrics.closed(.slowReader)
            close()
        case .linger: close()
        }
    }
}
