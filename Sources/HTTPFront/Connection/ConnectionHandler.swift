import NIOCore
import SaleCore

/// The outermost handler of a connection, and the only one until a request comes that
/// `FastPathReader` does not take: takes the others out of the bytes, keeps the connection's
/// deadlines, writes its answers and closes it so that the last of them arrives.
///
/// The pipelining handler, in whose line those stand like every other request, tells where the
/// exchange stands.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    let registry: ConnectionRegistry
    private var deadlines: ConnectionDeadlines
    private var context: ChannelHandlerContext?
    /// Until this is gone.
    var pipelining: PipeliningHandler?
    private var thrownAwayBytes = 0
    private var isInputOver = false

    // MARK: Reading

    /// `nil` leaves all requests to the decoder.
    var reader: FastPathReader?
    /// Adds the decoder, and everybody behind it, to the end of the channel's pipeline; `nil` when
    /// they are there.
    var addDecoder: ((ChannelPipeline.SynchronousOperations) throws -> Void)?
    private var position = DecoderPosition()
    /// The decoder got some of what is being read.
    private var hasForwarded = false
    private(set) var firstLine = FirstLine()
    private var onMoreOfLine: ((ByteBuffer) -> Void)?
    /// Reads are asked for here. NIO would ask at the other end of the pipeline, and every handler
    /// would pass it on.
    private var asksForReads = true

    // MARK: Writing

    /// Where answers go past the channel; `nil` when all of them go through it.
    private var socket: AnswerSocket?
    /// Of answers that the kernel did not take at once, and of those behind them. Until all are
    /// over, whatever is sent past the channel would overtake them.
    private var channelWrites = 0

    init(registry: ConnectionRegistry) {
        self.registry = registry
        deadlines = ConnectionDeadlines(openedAt: registry.now)
    }

    var isOpen: Bool { context?.channel.isActive ?? false }

    /// Bytes of a request that is not complete are here.
    var isRequestComing: Bool { deadlines.isRequestComing }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        socket = AnswerSocket(of: context.channel)
        registry.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        registry.closed(self)
        pipelining?.connectionRemoved()
        pipelining = nil
        addDecoder = nil
        onMoreOfLine = nil
        self.context = nil
    }

    // MARK: In

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        askForRead()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if deadlines.throwsAway {
            thrownAwayBytes += bytes.readableBytes
            if thrownAwayBytes > registry.environment.limits.lingerBytesMax { close() }
            return
        }
        if let onMoreOfLine { return onMoreOfLine(firstLine.append(bytes)) }
        firstLine.readBegins(bytes, isRequestComing: deadlines.isRequestComing)
        deadlines.bytesArrived(at: registry.now)
        handOn(bytes, context: context)
        firstLine.readEnds(isRequestComing: deadlines.isRequestComing)
    }

    private func handOn(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        var bytes = bytes
        if let pipelining, let reader {
            while position.isBetweenRequests, bytes.readableBytes > 0, let request = reader.next(from: &bytes) { pipelining.take(request) }
        }
        guard bytes.readableBytes > 0, hasDecoder(context) else { return }
        hasForwarded = true
        let before = pipelining?.decoded ?? .init()
        context.fireChannelRead(wrapInboundOut(bytes))
        let after = pipelining?.decoded ?? .init()
        position.decoded(
            bytes.readableBytesView, .init(heads: after.heads - before.heads, ends: after.ends - before.ends, bodyLength: after.bodyLength))
    }

    /// Whether it stands behind this, from now on at the latest.
    private func hasDecoder(_ context: ChannelHandlerContext) -> Bool {
        guard let add = addDecoder else { return true }
        // A connection that a purchase's answer has just ended takes no handlers.
        guard (try? add(context.pipeline.syncOperations)) != nil else { return false }
        addDecoder = nil
        return true
    }

    /// Before it returns, the next read is asked for: NIO would not look at the socket any more,
    /// and a system call is the price each time.
    func channelReadComplete(context: ChannelHandlerContext) {
        if hasForwarded {
            hasForwarded = false
            context.fireChannelReadComplete()
        } else {
            // Those behind it saw nothing of the read.
            pipelining?.readEnded()
        }
        if deadlines.throwsAway { context.read() } else { askForRead() }
    }

    private func askForRead() {
        guard asksForReads else { return }
        if let pipelining { pipelining.readWanted() } else { read() }
    }

    /// What the pipeline tells the pipelining handler when that stands in it.
    private var isPipeliningAlone: Bool { addDecoder != nil }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.unwritableSince = context.channel.isWritable ? nil : registry.now
        if isPipeliningAlone { pipelining?.becameWritable(context.channel.isWritable) } else { context.fireChannelWritabilityChanged() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputOver = true
            // Nobody shuts his side of a stream but who has gone.
            if deadlines.throwsAway { return close() }
        }
        guard isPipeliningAlone else { return context.fireUserInboundEventTriggered(event) }
        switch event {
        case ChannelEvent.inputClosed: pipelining?.inputClosed()
        case is ChannelShouldQuiesceEvent: pipelining?.quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isPipeliningAlone { pipelining?.connectionEnded() }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(error)
        if isPipeliningAlone, isOpen { close() }
    }

    // MARK: What the pipelining handler tells

    func requestEnded() {
        firstLine.requestEnded()
        deadlines.requestEnded()
    }

    func exchangeEnded(isNextHere: Bool) { deadlines.exchangeEnded(isNextHere: isNextHere, at: registry.now) }

    /// The answer under way goes on until `finish`. What the client sends meanwhile is read and
    /// thrown away, so that its end is noticed.
    func streamBegan() {
        deadlines.streamBegan()
        // The kernel would hold megabytes of events for a client that does not read.
        try? context?.channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: .init(registry.environment.limits.streamSendBufferBytes))
        read()
    }

    /// Nothing that was written waits for the kernel.
    var hasTakenAll: Bool { channelWrites == 0 }

    func read() { context?.read() }

    /// From now on NIO asks for reads, so that a router that takes no more can keep them back.
    func leaveReadsToPipeline() {
        guard asksForReads, let context else { return }
        asksForReads = false
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }

    /// The decoder has given up, and more of the first line decides what is said of that.
    ///
    /// - Parameter onMore: told that line whenever there is more of it, in place of the decoder; it
    ///   goes on reading. `nil` is told nothing more. See `RequestFailure.isOpen`.
    func awaitLine(_ onMore: ((ByteBuffer) -> Void)?) {
        if onMore != nil { firstLine.awaitRest() }
        onMoreOfLine = onMore
    }

    // Past every other handler: none of them changes bytes, and each that is passed costs every
    // purchase its share.

    /// To the socket, and what it does not take to the channel, for `flush`.
    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        guard let socket, context.channel.isActive else { return context.write(NIOAny(bytes), promise: nil) }
        var rest = bytes
        if channelWrites == 0 { rest.moveReaderIndex(forwardBy: socket.send(rest.readableBytesSpan)) }
        guard rest.readableBytes > 0 else { return }
        channelWrites += 1
        let written = context.eventLoop.makePromise(of: Void.self)
        // When it fails, the connection ends, and nothing is sent on it any more.
        written.futureResult.assumeIsolated().whenSuccess { [self] in channelWrites -= 1 }
        context.write(NIOAny(rest), promise: written)
    }

    func flush() {
        if socket == nil || channelWrites > 0 { context?.flush() }
    }

    /// From now on everything goes through the channel: others write there, too, and when that is
    /// over nobody tells.
    func writeThroughChannel() { socket = nil }

    /// Nothing more will be written: when all of it is with the kernel, shuts our side and waits
    /// for the client to shut its own.
    func finish() {
        guard let context else { return }
        // It was accepted in the moment in which the server stopped, and may never open: NIO
        // forgets what its listener has not handed on when it closes.
        guard context.channel.isActive else { return close() }
        deadlines.lastAnswerWritten(at: registry.now)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(NIOAny(ByteBuffer())).whenComplete { _ in bound.value.lastAnswerSent() }
    }

    private func lastAnswerSent() {
        guard let context, context.channel.isActive else { return }
        guard !isInputOver else { return close() }
        deadlines.outputShut(at: registry.now)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Closes at once, past every handler.
    func close() {
        context?.close(promise: nil)
    }

    // MARK: The sweep

    /// Acts on what is overdue.
    func check(at now: MonotonicInstant, isCrowded: Bool) {
        guard let overdue = deadlines.overdue(at: now, limits: registry.environment.limits, isCrowded: isCrowded) else { return }
        switch overdue {
        case .idle:
            registry.environment.metrics.closed(.idle)
            pipelining?.end()
        case .request: pipelining?.fail(.requestTooSlow)
        case .answer: pipelining?.fail(.answerTooSlow)
        case .reader:
            registry.environment.metrics.closed(.slowReader)
            close()
        case .linger: close()
        }
    }
}
