import NIOCore
import NIOHTTP1
import SaleService

/// Hands on one request at a time, so that answers leave in the order of the requests, and ends the connection after its last answer.
///
/// Pipelined requests wait here and are handed on by a loop, never from inside the writing of an answer: however many there are, the stack stays flat.
/// What cannot be read waits behind the answers that are owed, too. Nothing is read from the socket while an answer is owed or is not being taken.
final class RequestSequencer: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Event {
        case part(HTTPServerRequestPart)
        case failure(RequestFailure)
        /// The client sends nothing more, but still listens.
        case inputClosed
    }

    private let connection: ConnectionGuard
    private let state: FrontState
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

    init(connection: ConnectionGuard, state: FrontState) {
        self.connection = connection
        self.state = state
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        connection.onOverdue = { failure in
            let (sequencer, context) = bound.value
            if let failure { sequencer.fail(failure, context: context) } else { sequencer.finish() }
        }
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        take(.part(unwrapInboundIn(data)), context: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        payFlush(context: context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard connection.isOpen else { return }
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return connection.close()
        }
        // When a part came out of the same bytes, the failure is further down in them.
        take(.failure(RequestFailure(error, line: isReading ? ByteBuffer() : connection.firstBytes)), context: context)
        isInputOver = true
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            take(.inputClosed, context: context)
            isInputOver = true
            isReading = false
            payFlush(context: context)
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if exchange.state == .idle, waiting.isEmpty, !connection.isRequestComing { finish() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        if context.channel.isWritable { deliver(context: context) }
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
        isDelivering = true
        var hasHandedOn = false
        while exchange.takesRequests, context.channel.isWritable, let event = waiting.popFirst() {
            handOn(event, context: context)
            hasHandedOn = true
        }
        isDelivering = false
        // Hummingbird's end of the pipeline passes on what it got only at the end of a read, and these were read long ago.
        if hasHandedOn, !isReading { context.fireChannelReadComplete() }
        payFlush(context: context)
        payRead(context: context)
    }

    private func handOn(_ event: Event, context: ChannelHandlerContext) {
        switch event {
        case .part(.head(let head)):
            currentHead = head
            // An upgrade is never agreed to, but the decoder stops after a request that asks for one.
            exchange.requestBegan(isLast: !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "Upgrade"))
            context.fireChannelRead(wrapInboundOut(.head(head)))
        case .part(.end(let trailers)):
            connection.requestEnded()
            currentHead = nil
            // Looked at before the end is handed on, which may bring the answer.
            let isOver = exchange.requestEnded()
            context.fireChannelRead(wrapInboundOut(.end(trailers)))
            if isOver { exchangeEnded(context: context) }
        case .part(let part): context.fireChannelRead(wrapInboundOut(part))
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

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Late is legal: an answer that comes after the last one is dropped, and who writes it need not tear the connection down for it.
        guard exchange.state != .ended else {
            promise?.succeed()
            return
        }
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
        if isReading || isDelivering { isFlushOwed = true } else { context.flush() }
    }

    private func payFlush(context: ChannelHandlerContext) {
        guard isFlushOwed, !isReading, !isDelivering else { return }
        isFlushOwed = false
        context.flush()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        isReadOwed = true
        payRead(context: context)
    }

    private func payRead(context: ChannelHandlerContext) {
        guard isReadOwed, exchange.takesRequests, waiting.isEmpty, !isInputOver, context.channel.isWritable else { return }
        isReadOwed = false
        context.read()
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
