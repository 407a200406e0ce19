import NIOCore
import NIOHTTP1
import SaleService

/// Which of a connection's requests is handed on next, when answers leave and when bytes are read.
///
/// One request at a time, so that answers leave in the order of the requests. Pipelined ones wait,
/// and so does what cannot be read, behind the answers that are owed. Nothing is read while a
/// request waits for its turn or an answer is not being taken. While an answer is owed and nothing
/// waits behind it, reading goes on: to stop and to begin again would cost two system calls per
/// request.
///
/// Touches no channel. What happens comes in by calls; what is to be done then, `next` tells, one
/// thing after the other, until it tells nothing.
struct RequestPipeline {
    enum Event {
        case part(HTTPServerRequestPart)
        /// A request that was taken out of the bytes.
        case whole(FastPathRequest)
        case failure(RequestFailure)
        /// The client sends nothing more, but still listens.
        case inputClosed
    }

    /// Without what is handed on: small, for it is asked for several times per request.
    enum Action {
        /// The next request, or the next part of one, is handed on: `begin` gives it.
        case begin
        /// No request is handed on any more. `isTold`: an answer may tell of it.
        case failed(RequestFailure, isTold: Bool)
        /// The parts that were handed on came in reads that ended long ago: their end is still to
        /// be told.
        case endParts
        /// `isNextHere`: the next request is here, or some of it.
        case exchangeEnded(isNextHere: Bool)
        case flush
        case read
        /// Nothing more will be written.
        case finish
    }

    private let partsMax: Int
    private(set) var exchange = Exchange()
    private var waiting = CircularBuffer<Event>()
    /// Of the request under way, more is to come than is worth reading to get at the next.
    private var isRestLong = false
    /// No further event is taken in.
    private var isInputOver = false
    private(set) var isQuiescing = false
    private(set) var isReading = false
    /// The client takes what is written to it.
    private var isWritable = true

    // What is owed, in the order in which it is done.
    private var isFinishOwed = false
    private var owedFailure: Action?
    private var isExchangeOver = false
    private var areEndsOwed = false
    private var isFlushOwed = false
    private var isReadOwed = false

    /// - Parameter partsMax: events that may wait.
    init(partsMax: Int) {
        self.partsMax = partsMax
    }

    /// Nothing more is written.
    var isOver: Bool { exchange.state == .ended }

    // MARK: In

    mutating func readBegan() { isReading = true }

    /// Everything that had arrived was read.
    mutating func readEnded() { isReading = false }

    mutating func take(_ event: Event) {
        guard !isInputOver, !isOver else { return }
        guard waiting.count < partsMax else {
            // Answered up to here; what follows, the client must send again.
            waiting.append(.inputClosed)
            isInputOver = true
            return
        }
        waiting.append(event)
        switch event {
        case .part, .whole: break
        case .failure, .inputClosed: isInputOver = true
        }
    }

    /// Something takes too long: what waits is of no interest any more.
    mutating func fail(_ failure: RequestFailure) {
        isInputOver = true
        waiting.removeAll()
        switch exchange.failed() {
        case .answer: owedFailure = .failed(failure, isTold: true)
        case .close:
            owedFailure = .failed(failure, isTold: false)
            finish()
        case .none: owedFailure = .failed(failure, isTold: false)
        }
    }

    /// Nobody waits for a further answer.
    mutating func end() {
        guard !isOver else { return }
        finish()
    }

    /// The server stops: the answer under way, or that to the request which is coming, is the last.
    mutating func quiesce(isRequestComing: Bool) {
        isQuiescing = true
        if exchange.state == .idle, waiting.isEmpty, !isRequestComing { end() }
    }

    mutating func becameWritable(_ isWritable: Bool) { self.isWritable = isWritable }

    /// The connection is gone.
    mutating func closed() {
        exchange.end()
        waiting.removeAll()
        isInputOver = true
    }

    mutating func wantFlush() { isFlushOwed = true }

    mutating func wantRead() { isReadOwed = true }

    // MARK: Answers

    /// Returns whether the answer must say that the connection closes.
    ///
    /// - Parameter isLast: the answer says so by itself, or the service wants it.
    mutating func answerBegan(isLast: Bool) -> Bool {
        exchange.answerBegan(isLast: isLast || isQuiescing || isEndNext, isRestLong: isRestLong)
    }

    /// The answer under way has begun, goes on until it is ended, and is the last: what else has
    /// come, or comes, is not looked at.
    mutating func streamBegan() {
        _ = exchange.answerBegan(isLast: true, isRestLong: false)
        isInputOver = true
        waiting.removeAll()
    }

    /// The client will send nothing more.
    private var isEndNext: Bool { if case .inputClosed? = waiting.first { true } else { false } }

    mutating func answerEnded() {
        switch exchange.answerEnded() {
        case .next: isExchangeOver = true
        case .awaitRequestEnd: break
        case .close: finish()
        }
    }

    private mutating func finish() {
        exchange.end()
        isInputOver = true
        waiting.removeAll()
        isFinishOwed = true
    }

    // MARK: Out

    /// What is to be done next; `nil` until something more happens.
    mutating func next() -> Action? {
        if let owedFailure {
            self.owedFailure = nil
            return owedFailure
        }
        if isFinishOwed {
            isFinishOwed = false
            return .finish
        }
        if isExchangeOver {
            isExchangeOver = false
            let isNextHere = !waiting.isEmpty
            if isQuiescing, !isNextHere { end() }
            return .exchangeEnded(isNextHere: isNextHere)
        }
        if isFree, !waiting.isEmpty { return .begin }
        if areEndsOwed {
            areEndsOwed = false
            if !isReading { return .endParts }
        }
        if isFlushOwed, !isReading {
            isFlushOwed = false
            return .flush
        }
        if isReadOwed, !isOver, waiting.isEmpty, !isInputOver, isWritable {
            isReadOwed = false
            return .read
        }
        return nil
    }

    private var isFree: Bool { exchange.takesRequests && isWritable }

    /// Begins a request that is all there, if it need not wait, without its having to stand in
    /// line.
    mutating func beginsWholeAtOnce() -> Bool {
        guard waiting.isEmpty, !isInputOver, !isExchangeOver, isFree else { return false }
        beginWhole()
        return true
    }

    private mutating func beginWhole() {
        isRestLong = false
        exchange.requestBegan(isLast: false)
        _ = exchange.requestEnded()
    }

    /// What is handed on after `.begin`: a part or a whole request; `nil` when what waited was
    /// neither.
    mutating func begin() -> Event? {
        guard let event = waiting.popFirst() else { return nil }
        switch event {
        case .part(let part):
            areEndsOwed = true
            begin(part)
        case .whole: beginWhole()
        case .failure(let failure):
            fail(failure)
            return nil
        case .inputClosed:
            end()
            return nil
        }
        return event
    }

    private mutating func begin(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            isRestLong = head.declaredBodyLength ?? .max > Limits.bodyBytesMax
            // An upgrade is never agreed to, but the decoder stops after a request that asks for
            // one. A client of HTTP/1.0 would have to be told that the connection stays open, and
            // is told that it closes instead.
            exchange.requestBegan(
                isLast: !head.isKeepAlive || head.version != .http1_1 || head.method == .CONNECT || head.headers.contains(name: "Upgrade"))
        case .body: break
        case .end:
            isRestLong = false
            // It may have its answer already.
            if exchange.requestEnded() { isExchangeOver = true }
        }
    }
}
