import NIOCore
import NIOHTTP1
import SaleService

/// Hands on one request at a time, so that answers leave in the order of the requests, and ends the connection after its last answer.
///
/// Pipelined requests wait here and are handed on by a loop, never from inside the writing of an answer: however many there are, the stack stays flat.
/// What cannot be read waits behind the answers that are owed, too. Nothing is read from the socket while a request waits for its turn or an answer is not being
/// taken. While an answer is owed and nothing waits behind it, reading goes on: to stop and to begin again would cost two system calls per request.
final class RequestSequencer: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Event {
        case part(HTTPServerRequestPart)
        /// A whole request.
        case purchase(ExpressPurchase)
        case failure(RequestFailure)
        /// The client sends nothing more, but still listens.
        case inputClosed
    }

    private let connection: ConnectionGuard
    private let state: FrontState
    /// Who answers the purchases that are taken out of the bytes.
    var onPurchase: (ExpressPurchase) -> Void = { _ in }
    /// What the decoder has made of its bytes so far.
    private(set) var decoded = DecoderPosition.Parts()
    /// What the decoder failed at, while more of the first line decides what it is.
    private var openFailure: HTTPParserError?
    private var context: ChannelHandlerContext?
    private var exchange = Exchange()
    private var waiting = CircularBuffer<Event>()
    private var currentHead: HTTPRequestHead?
    /// No further event is taken in.
    private var isInputOver = false
    private var isQuiescing = false
    private var isDelivering = false
    private var isReading = false
    private var isFlushOwed = false
    private var isReadOwed = false
    /// The client takes what is written to it.
    private var isWritable = true
    /// Answers in one piece that are not yet written to the channel.
    private var outgoing = ByteBuffer()

    /// So many bytes of answers are handed to the channel, which then tells whether the client takes them.
    private static let outgoingBytesMax = 32_768

    init(connection: ConnectionGuard, state: FrontState) {
        self.connection = connection
        self.state = state
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        connection.onOverdue = { failure in
            let (sequencer, context) = bound.value
            if let failure { sequencer.fail(failure, context: context) } else { sequencer.finish() }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        onPurchase = { _ in }
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        var part = unwrapInboundIn(data)
        switch part {
        case .head(var head):
            head.headers.trimValues()
            decoded.heads += 1
            decoded.bodyLength = head.declaredBodyLength
            part = .head(head)
        case .body: break
        case .end: decoded.ends += 1
        }
        take(.part(part), context: context)
    }

    /// A purchase that came in the bytes that are being read.
    func take(_ purchase: ExpressPurchase) {
        guard let context else { return }
        isReading = true
        take(.purchase(purchase), context: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readEnded()
        context.fireChannelReadComplete()
    }

    /// Everything that had arrived was read.
    func readEnded() {
        guard context != nil else { return }
        isReading = false
        payFlush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard connection.isOpen else { return }
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return connection.close()
        }
        // When a part came out of the same bytes, the failure is further down in them.
        let line = isReading ? ByteBuffer() : connection.firstBytes
        guard RequestFailure.isOpen(error, line: line) else { return unreadable(error, line: line, context: context) }
        openFailure = error
        connection.onMoreOfLine = { [weak self] line in
            guard let self, let context = self.context else { return }
            if RequestFailure.isOpen(error, line: line) { connection.read() } else { unreadable(error, line: line, context: context) }
        }
        connection.read()
    }

    private func unreadable(_ error: HTTPParserError, line: ByteBuffer, context: ChannelHandlerContext) {
        openFailure = nil
        connection.onMoreOfLine = nil
        take(.failure(RequestFailure(error, line: line)), context: context)
        isInputOver = true
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // No more of the line comes.
            if let openFailure { unreadable(openFailure, line: ByteBuffer(), context: context) }
            take(.inputClosed, context: context)
            isInputOver = true
            isReading = false
            payFlush()
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if exchange.state == .idle, waiting.isEmpty, !connection.isRequestComing { finish() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        isWritable = context.channel.isWritable
        if isWritable { deliver(context: context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        exchange.end()
        waiting.removeAll()
        currentHead = nil
        isInputOver = true
        context.fireChannelInactive()
    }

    private func take(_ event: Event, context: ChannelHandlerContext) {
        guard !isInputOver, exchange.state != .ended else { return }
        guard waiting.count < state.limits.pipelinedPartsMax else {
            // Answered up to here; what follows, the client must send again.
            isInputOver = true
            waiting.append(.inputClosed)
            return
        }
        waiting.append(event)
        deliver(context: context)
    }

    /// Hands on what may be handed on. Called again from within itself, it does nothing: the loop below goes on.
    private func deliver(context: ChannelHandlerContext) {
        guard !isDelivering else { return }
        guard !waiting.isEmpty else {
            payFlush()
            return payRead()
        }
        isDelivering = true
        var hasHandedOn = false
        while exchange.takesRequests, isWritable, let event = waiting.popFirst() {
            handOn(event, context: context)
            if case .part = event { hasHandedOn = true }
        }
        isDelivering = false
        // Hummingbird's end of the pipeline passes on what it got only at the end of a read, and these were read long ago.
        if hasHandedOn, !isReading { context.fireChannelReadComplete() }
        payFlush()
        payRead()
    }

    private func handOn(_ event: Event, context: ChannelHandlerContext) {
        switch event {
        case .part(.head(let head)):
            currentHead = head
            // An upgrade is never agreed to, but the decoder stops after a request that asks for one. A client of HTTP/1.0 would have to be told that the
            // connection stays open, and is told that it closes instead.
            exchange.requestBegan(
                isLast: !head.isKeepAlive || head.version != .http1_1 || head.method == .CONNECT || head.headers.contains(name: "Upgrade"))
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .part(.end(let trailers)):
            connection.requestEnded()
            currentHead = nil
            // Looked at before the end is handed on, which may bring the answer.
            let isOver = exchange.requestEnded()
            context.fireChannelRead(wrapInboundOut(.end(trailers)))
            if isOver { exchangeEnded(context: context) }
        case .part(let part): context.fireChannelRead(wrapInboundOut(part))
        case .purchase(let purchase):
            currentHead = nil
            exchange.requestBegan(isLast: false)
            connection.requestEnded()
            _ = exchange.requestEnded()
            onPurchase(purchase)
        case .failure(let failure): fail(failure, context: context)
        case .inputClosed: finish()
        }
    }

    private func fail(_ failure: RequestFailure, context: ChannelHandlerContext) {
        isInputOver = true
        waiting.removeAll()
        state.metrics.closed(FrontMetrics.Closed(failure))
        switch exchange.failed() {
        case .answer: context.fireErrorCaught(failure)
        case .close: end()
        case .none: break
        }
    }

    // MARK: Out

    /// Answers the request under way in one piece, past the encoder.
    ///
    /// - Parameters:
    ///   - isLast: no request is answered after it.
    ///   - write: appends the whole answer; told whether it must say that the connection closes.
    func answer(isLast: Bool = false, _ write: (_ buffer: inout ByteBuffer, _ closes: Bool) -> Void) {
        guard exchange.state != .ended, let context else { return }
        if outgoing.capacity == 0 { outgoing = connection.loop.takeBuffer() }
        write(&outgoing, exchange.answerBegan(isLast: isLast || isLastExchange, isRestLong: isRestLong))
        isFlushOwed = true
        if outgoing.readableBytes > Self.outgoingBytesMax { writeOutgoing() }
        switch exchange.answerEnded() {
        case .next: exchangeEnded(context: context)
        case .awaitRequestEnd: break
        case .close: end()
        }
        payFlush()
    }

    private func writeOutgoing() {
        guard outgoing.readableBytes > 0 else { return }
        connection.write(outgoing)
        connection.loop.giveBack(outgoing)
        outgoing = ByteBuffer()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Late is legal: an answer that comes after the last one is dropped, and who writes it need not tear the connection down for it.
        guard exchange.state != .ended else {
            promise?.succeed()
            return
        }
        writeOutgoing()
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            if exchange.answerBegan(isLast: !head.isKeepAlive || isLastExchange, isRestLong: isRestLong) {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end: writeEnd(data, context: context, promise: promise)
        }
    }

    private func writeEnd(_ data: NIOAny, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        switch exchange.answerEnded() {
        case .next:
            context.write(data, promise: promise)
            exchangeEnded(context: context)
        case .awaitRequestEnd: context.write(data, promise: promise)
        case .close:
            context.write(data, promise: promise)
            end()
        }
    }

    private func exchangeEnded(context: ChannelHandlerContext) {
        connection.exchangeEnded(isNextHere: !waiting.isEmpty)
        if isQuiescing, waiting.isEmpty { return finish() }
        deliver(context: context)
    }

    /// Nobody waits for a further answer.
    private func finish() {
        guard exchange.state != .ended else { return }
        exchange.end()
        end()
    }

    private func end() {
        isInputOver = true
        waiting.removeAll()
        writeOutgoing()
        connection.finish()
    }

    /// The answer that begins now is the last of the connection for reasons of our own, or because the client will send nothing more.
    private var isLastExchange: Bool {
        if isQuiescing || state.drain.isAnnounced { return true }
        if case .inputClosed? = waiting.first { return true }
        return false
    }

    /// Reading the rest of the request, to get at the next, is not worth it.
    private var isRestLong: Bool {
        currentHead.map { $0.declaredBodyLength ?? .max > Limits.bodyBytesMax } ?? false
    }

    func flush(context: ChannelHandlerContext) {
        // One flush for all answers that are ready: pipelined refusals leave in one system call.
        isFlushOwed = true
        payFlush()
    }

    private func payFlush() {
        guard isFlushOwed, !isReading, !isDelivering else { return }
        isFlushOwed = false
        writeOutgoing()
        connection.flush()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        isReadOwed = true
        payRead()
    }

    private func payRead() {
        guard isReadOwed, exchange.state != .ended, waiting.isEmpty, !isInputOver, isWritable else { return }
        isReadOwed = false
        connection.read()
    }

    // MARK: Closing

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            finish()
            promise?.succeed()
        case .all, .input:
            // The input alone is closed by nobody but a server that is told to stop at once.
            context.close(mode: .all, promise: promise)
        }
    }
}
