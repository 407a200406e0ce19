import NIOCore
import SaleService

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
    /// While bytes are read: what the request that they belong to begins with, its first line at least as far as that is here; empty when that is not known.
    private(set) var firstBytes = ByteBuffer()
    /// What is here of the first line of a request that comes in pieces.
    private var line = ByteBuffer()
    private var isLineWhole = false
    private var hasRequestEnded = false
    /// Told the first line of the request that comes, whenever there is more of it, in place of the decoder; it goes on reading. See `RequestFailure.isOpen`.
    var onMoreOfLine: ((ByteBuffer) -> Void)? {
        didSet { if onMoreOfLine != nil { line = ByteBuffer(bytes: firstBytes.readableBytesView) } }
    }
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
        onMoreOfLine = nil
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if case .lingering = deadlines.phase {
            lingeredBytes += bytes.readableBytes
            if lingeredBytes > loop.state.limits.lingerBytesMax { close() }
            return
        }
        if let onMoreOfLine {
            // The decoder has given up; only what the line says is still of interest.
            line.writeImmutableBuffer(bytes)
            return onMoreOfLine(line)
        }
        if !deadlines.isRequestComing {
            firstBytes = bytes
            (line, isLineWhole) = (ByteBuffer(), false)
        } else if line.readableBytes > 0 {
            if !isLineWhole { line.writeImmutableBuffer(bytes) }
            firstBytes = line
        }
        hasRequestEnded = false
        deadlines.bytesArrived(at: loop.now)
        context.fireChannelRead(data)
        if deadlines.isRequestComing { keepLine() }
        firstBytes = ByteBuffer()
    }

    /// What is said of a first line must not depend on how many pieces the request comes in: of another version the decoder tells only behind the headers.
    private func keepLine() {
        // The bytes of the request before, and none of this one's are known.
        guard !hasRequestEnded else { return line = ByteBuffer() }
        guard !isLineWhole else { return }
        let bytes = firstBytes.readableBytesView.prefix(Limits.headerBytesMax)
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            (line, isLineWhole) = (ByteBuffer(bytes: bytes[...end]), true)
        } else if bytes.count < firstBytes.readableBytes {
            line = ByteBuffer()
        } else if line.readableBytes == 0 {
            // A copy of what is read, which would keep its storage from the next read.
            line = ByteBuffer(bytes: bytes)
        }
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

    func requestEnded() {
        hasRequestEnded = true
        (line, isLineWhole) = (ByteBuffer(), false)
        deadlines.requestEnded()
    }

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
