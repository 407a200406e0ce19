import NIOCore
import NIOHTTP1

/// Does what `RequestPipeline` tells: hands on one request at a time, lets answers leave in their
/// order, and ends the connection after its last.
///
/// Requests are handed on by one loop, never from inside the writing of an answer: however many are
/// pipelined, the stack stays flat.
final class PipeliningHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let connection: ConnectionHandler
    private let environment: ConnectionEnvironment
    /// Until the connection ends.
    var answerer: (any LoopAnswerer)?
    private var pipeline: RequestPipeline
    /// The answer under way, until the connection ends.
    private var stream: LiveStream?
    private var isRunning = false
    /// What the decoder has made of its bytes so far.
    private(set) var decoded = DecoderPosition.Parts()
    /// What the decoder failed at, while more of the first line decides what it is.
    private var openFailure: HTTPParserError?
    /// Between the decoder and whoever answers what it reads; `nil` until that is there.
    private var context: ChannelHandlerContext?
    /// Answers in one piece that have not left.
    private var outgoing = ByteBuffer()

    /// So many bytes of answers are handed on at once; then it is known whether the client takes
    /// them.
    private static let outgoingBytesMax = 32_768

    init(connection: ConnectionHandler, environment: ConnectionEnvironment) {
        self.connection = connection
        self.environment = environment
        pipeline = RequestPipeline(partsMax: environment.limits.pipelinedPartsMax)
        connection.pipelining = self
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: What the connection tells, until the decoder is there to tell it

    /// A request that came in the bytes that are being read.
    func take(_ request: FastPathRequest) {
        pipeline.readBegan()
        guard !isRunning, pipeline.beginsWholeAtOnce() else { return take(.whole(request)) }
        isRunning = true
        answer(request)
        isRunning = false
        run()
    }

    /// Everything that had arrived was read.
    func readEnded() {
        pipeline.readEnded()
        run()
    }

    func inputClosed() {
        take(.inputClosed)
        readEnded()
    }

    func quiesce() {
        pipeline.quiesce(isRequestComing: connection.isRequestComing)
        stream?.quiesce()
        run()
    }

    func becameWritable(_ isWritable: Bool) {
        pipeline.becameWritable(isWritable)
        // Told so from inside a write, it must do nothing.
        if isWritable { run() }
    }

    func connectionEnded() {
        pipeline.closed()
        stream?.connectionEnded()
        stream = nil
        answerer?.connectionEnded()
    }

    // MARK: And always

    /// Reads as soon as nothing speaks against it.
    func readWanted() {
        pipeline.wantRead()
        run()
    }

    /// The request under way takes too long.
    func fail(_ failure: RequestFailure) {
        pipeline.fail(failure)
        run()
    }

    /// No request comes in time.
    func end() {
        pipeline.end()
        run()
    }

    func connectionRemoved() { answerer = nil }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pipeline.readBegan()
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
        take(.part(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readEnded()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard connection.isOpen else { return }
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return connection.close()
        }
        // When a part came out of the same bytes, the failure is further down in them.
        let line = pipeline.isReading ? ByteBuffer() : connection.firstLine.bytes
        guard RequestFailure.isOpen(error, line: line) else { return unreadable(error, line: line) }
        openFailure = error
        connection.awaitLine { [weak self] line in
            guard let self else { return }
            if RequestFailure.isOpen(error, line: line) { connection.read() } else { unreadable(error, line: line) }
        }
        connection.read()
    }

    private func unreadable(_ error: HTTPParserError, line: ByteBuffer) {
        openFailure = nil
        connection.awaitLine(nil)
        take(.failure(RequestFailure(error, line: line)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // No more of the line comes.
            if let openFailure { unreadable(openFailure, line: ByteBuffer()) }
            inputClosed()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        becameWritable(context.channel.isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connectionEnded()
        context.fireChannelInactive()
    }

    private func take(_ event: RequestPipeline.Event) {
        pipeline.take(event)
        run()
    }

    // MARK: What is to be done

    /// Called again from within itself, it does nothing: the loop goes on.
    private func run() {
        guard !isRunning else { return }
        isRunning = true
        while let action = pipeline.next() { perform(action) }
        isRunning = false
    }

    private func perform(_ action: RequestPipeline.Action) {
        switch action {
        case .begin: begin()
        case .exchangeEnded(let isNextHere): connection.exchangeEnded(isNextHere: isNextHere)
        case .flush:
            writeOutgoing()
            connection.flush()
        case .read: connection.read()
        // Hummingbird's end of the pipeline passes on what it got only at the end of a read.
        case .endParts: context?.fireChannelReadComplete()
        case .failed(let failure, let isTold):
            environment.metrics.closed(FrontMetrics.Closed(failure))
            if isTold { answerer?.failed(failure) }
        case .finish:
            writeOutgoing()
            connection.finish()
        }
    }

    private func begin() {
        switch pipeline.begin() {
        case .part(let part):
            if case .end = part { connection.requestEnded() }
            context?.fireChannelRead(wrapInboundOut(part))
        case .whole(let request): answer(request)
        case .failure, .inputClosed, nil: break
        }
    }

    private func answer(_ request: FastPathRequest) {
        connection.requestEnded()
        answerer?.began(request)
    }

    // MARK: Out

    /// Answers the request under way in one piece, past the encoder.
    ///
    /// - Parameters:
    ///   - isLast: no request is answered after it.
    ///   - write: appends the whole answer; told whether it must say that the connection closes.
    func answer(isLast: Bool = false, _ write: (_ buffer: inout ByteBuffer, _ closes: Bool) -> Void) {
        guard !pipeline.isOver else { return }
        if outgoing.capacity == 0 { outgoing = connection.registry.takeBuffer() }
        write(&outgoing, pipeline.answerBegan(isLast: isLast || environment.drain.isAnnounced))
        if outgoing.readableBytes > Self.outgoingBytesMax { writeOutgoing() }
        pipeline.answerEnded()
        // One flush for all answers that are ready: pipelined refusals leave in one system call.
        pipeline.wantFlush()
        run()
    }

    /// Answers the request under way by `stream`, which goes on by `StreamOutlet`.
    ///
    /// - Parameter write: appends what it begins with.
    func begin(_ stream: LiveStream, _ write: (_ buffer: inout ByteBuffer) -> Void) {
        guard !pipeline.isOver else { return stream.connectionEnded() }
        self.stream = stream
        if outgoing.capacity == 0 { outgoing = connection.registry.takeBuffer() }
        write(&outgoing)
        pipeline.streamBegan()
        connection.streamBegan()
        if pipeline.isQuiescing { stream.quiesce() }
        pipeline.wantFlush()
        run()
    }

    private func writeOutgoing() {
        guard outgoing.readableBytes > 0 else { return }
        let bytes = outgoing
        outgoing = ByteBuffer()
        connection.write(bytes)
        connection.registry.giveBack(bytes)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Late is legal: an answer that comes after the last one is dropped, and who writes it need
        // not tear the connection down for it.
        guard !pipeline.isOver else {
            promise?.succeed()
            return
        }
        writeOutgoing()
        connection.writeThroughChannel()
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            if pipeline.answerBegan(isLast: !head.isKeepAlive || environment.drain.isAnnounced) {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body: context.write(data, promise: promise)
        case .end:
            pipeline.answerEnded()
            context.write(data, promise: promise)
            run()
        }
    }

    func flush(context: ChannelHandlerContext) {
        pipeline.wantFlush()
        run()
    }

    func read(context: ChannelHandlerContext) { readWanted() }

    // MARK: Closing

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output:
            end()
            promise?.succeed()
        case .all, .input:
            // The input alone is closed by nobody but a server that is told to stop at once.
            context.close(mode: .all, promise: promise)
        }
    }
}

extension PipeliningHandler: StreamOutlet {
    var hasTakenAll: Bool { connection.hasTakenAll }

    func send(_ bytes: ByteBuffer) {
        guard !pipeline.isOver else { return }
        writeOutgoing()
        connection.write(bytes)
        pipeline.wantFlush()
        run()
    }

    func finish() {
        guard !pipeline.isOver else { return }
        pipeline.answerEnded()
        run()
    }

    func cutOff() { connection.close() }
}
