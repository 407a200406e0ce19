import DequeModule
import NIOCore
import SaleService

/// Commands out, replies in, on one socket. Commands of one turn of the event loop go out in one
/// write; replies come in the order of the commands.
///
/// Confined to the channel's event loop.
final class RedisPipeline: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Completion = (Result<RedisValue, StoreError>) -> Void

    private struct Call {
        let deadline: NIODeadline
        let completion: Completion
    }

    private enum State {
        /// The socket is not open yet. Next: `open` or `closed`.
        case connecting
        /// Next: `draining` or `closed`.
        case open(ChannelHandlerContext)
        /// No more commands are taken; closes after the last reply. Next: `closed`.
        case draining(ChannelHandlerContext)
        /// Terminal.
        case closed(reason: String)
    }

    /// A buffer that grew beyond this is not kept for the next turn.
    private static let bufferBytesKept = 1 << 20

    private let replyTimeout: TimeAmount
    private let onOpen: () -> Void
    private let onClose: (_ reason: String) -> Void
    private var state = State.connecting
    /// Why we close, until the socket tells that it is closed.
    private var closeReason: String?
    private var reader = ReplyReader()
    private var calls = Deque<Call>()
    /// The newest of `calls`, whose bytes are still in `outgoing`.
    private var unwrittenCount = 0
    private var outgoing = ByteBuffer()
    private var isTimerRunning = false

    /// - Parameters:
    ///   - replyTimeout: a command that has no reply for so long ends the connection: the replies
    ///     after it cannot come either.
    ///   - onOpen: called when the socket is open.
    ///   - onClose: called once when it is closed after it was open, before the commands without a
    ///     reply fail.
    init(replyTimeout: TimeAmount, onOpen: @escaping () -> Void, onClose: @escaping (_ reason: String) -> Void) {
        self.replyTimeout = replyTimeout
        self.onOpen = onOpen
        self.onClose = onClose
    }

    /// Queues a command for the end of this turn of the event loop.
    ///
    /// - Parameters:
    ///   - write: writes exactly one command.
    ///   - completion: called once. `notSent` comes at once, anything else later.
    func send(_ write: (inout ByteBuffer) -> Void, completion: @escaping Completion) {
        switch state {
        case .connecting: return completion(.failure(.notSent(reason: "the connection to Redis is not open yet")))
        case .draining: return completion(.failure(.notSent(reason: "the connection to Redis is closing")))
        case .closed(let reason): return completion(.failure(.notSent(reason: reason)))
        case .open(let context):
            guard calls.count < Limits.callsInFlightMax else {
                return completion(.failure(.notSent(reason: "\(Limits.callsInFlightMax) calls await Redis's answer")))
            }
            write(&outgoing)
            calls.append(Call(deadline: context.eventLoop.now + replyTimeout, completion: completion))
            unwrittenCount += 1
            if unwrittenCount == 1 { context.eventLoop.assumeIsolated().execute { self.flush() } }
            startTimer(context)
        }
    }

    /// Takes no more commands and closes after the last reply.
    func drain() {
        switch state {
        case .open(let context):
            state = .draining(context)
            closeIfDrained()
        case .connecting, .draining, .closed: break
        }
    }

    /// Closes at once; commands without a reply fail.
    func close(reason: String) {
        switch state {
        case .open(let context), .draining(let context):
            if closeReason == nil { closeReason = reason }
            context.close(promise: nil)
        case .connecting: state = .closed(reason: reason)
        case .closed: break
        }
    }

    private func flush() {
        switch state {
        case .open(let context), .draining(let context):
            guard unwrittenCount > 0 else { return }
            unwrittenCount = 0
            context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
            if outgoing.capacity > Self.bufferBytesKept { outgoing = ByteBuffer() } else { outgoing.clear() }
        case .connecting, .closed: break
        }
    }

    private func closeIfDrained() {
        guard case .draining(let context) = state, calls.isEmpty else { return }
        closeReason = "closed"
        context.close(promise: nil)
    }

    /// One timer for all calls: they are answered in order, so that the oldest is always the first
    /// that is late.
    private func startTimer(_ context: ChannelHandlerContext) {
        guard !isTimerRunning, let oldest = calls.first else { return }
        isTimerRunning = true
        context.eventLoop.assumeIsolated().scheduleTask(deadline: oldest.deadline) { self.timerFired() }
    }

    private func timerFired() {
        isTimerRunning = false
        switch state {
        case .open(let context), .draining(let context):
            guard let oldest = calls.first else { return }
            if oldest.deadline <= context.eventLoop.now {
                close(reason: "no reply from Redis in time")
            } else {
                startTimer(context)
            }
        case .connecting, .closed: break
        }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { channelActive(context: context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        switch state {
        case .connecting:
            state = .open(context)
            onOpen()
        case .closed: context.close(promise: nil)
        case .open, .draining: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        do throws(ReplyReader.ProtocolError) {
            try reader.feed(bytes.readableBytesSpan)
            while let value = try reader.next() {
                guard let call = calls.popFirst() else { throw ReplyReader.ProtocolError(reason: "a reply that nothing asked for") }
                call.completion(Self.result(value))
            }
            closeIfDrained()
        } catch {
            close(reason: "protocol error: \(error.reason)")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(reason: "\(error)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(reason: closeReason ?? "Redis closed the connection")
    }

    private func fail(reason: String) {
        if case .closed = state { return }
        state = .closed(reason: reason)
        onClose(reason)
        let (lost, unwritten) = (calls, unwrittenCount)
        calls = []
        unwrittenCount = 0
        for (index, call) in lost.enumerated() {
            let wasWritten = index < lost.count - unwritten
            call.completion(.failure(wasWritten ? .outcomeUnknown(reason: reason) : .notSent(reason: reason)))
        }
    }

    private static func result(_ value: RedisValue) -> Result<RedisValue, StoreError> {
        guard case .error(let text) = value else { return .success(value) }
        return .failure(text.hasPrefix("NOSCRIPT") ? .scriptMissing : .refused(reason: text))
    }
}
