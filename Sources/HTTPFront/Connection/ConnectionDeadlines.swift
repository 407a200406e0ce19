import SaleCore

/// Which deadline of a connection runs, and which has passed. Reads no clock.
struct ConnectionDeadlines: Equatable {
    enum Phase: Equatable {
        /// No byte of a request has come. Next: `receiving`.
        case idle(since: MonotonicInstant)
        /// A request is coming. Next: `answering`, `idle`, `flushing`.
        case receiving(since: MonotonicInstant)
        /// A request is there and its answer is not; `since` is still its first byte. Next: `idle`,
        /// `receiving`, `streaming`, `flushing`.
        case answering(since: MonotonicInstant)
        /// The last answer goes on for as long as the client takes it; what comes is thrown away.
        /// Next: `flushing`.
        case streaming
        /// The last answer is written and not yet taken. Next: `lingering`.
        case flushing(since: MonotonicInstant)
        /// Our side is shut; what still comes is thrown away. Terminal.
        case lingering(since: MonotonicInstant)
    }

    enum Overdue: Equatable {
        case idle
        case request
        case answer
        case reader
        case linger
    }

    private(set) var phase: Phase
    /// Since when the client has taken too little for more to be written.
    var unwritableSince: MonotonicInstant?
    /// Bytes have come since the request that is being answered was complete.
    private var isNextComing = false

    init(openedAt now: MonotonicInstant) {
        phase = .idle(since: now)
    }

    /// Bytes have come.
    mutating func bytesArrived(at now: MonotonicInstant) {
        switch phase {
        case .idle: phase = .receiving(since: now)
        case .answering: isNextComing = true
        case .receiving, .streaming, .flushing, .lingering: break
        }
    }

    /// The last byte of a request was read.
    mutating func requestEnded() {
        if case .receiving(let since) = phase { phase = .answering(since: since) }
        isNextComing = false
    }

    /// A request and its answer are over.
    ///
    /// - Parameter isNextHere: a further request is here already.
    mutating func exchangeEnded(isNextHere: Bool, at now: MonotonicInstant) {
        switch phase {
        case .idle, .receiving, .answering: phase = isNextHere || isNextComing ? .receiving(since: now) : .idle(since: now)
        case .streaming, .flushing, .lingering: break
        }
        isNextComing = false
    }

    mutating func streamBegan() {
        if case .lingering = phase { return }
        phase = .streaming
    }

    mutating func lastAnswerWritten(at now: MonotonicInstant) {
        if case .lingering = phase { return }
        phase = .flushing(since: now)
    }

    mutating func outputShut(at now: MonotonicInstant) {
        phase = .lingering(since: now)
    }

    var isRequestComing: Bool {
        if case .receiving = phase { true } else { false }
    }

    /// What comes is of no interest any more.
    var throwsAway: Bool {
        switch phase {
        case .streaming, .lingering: true
        case .idle, .receiving, .answering, .flushing: false
        }
    }

    /// What has taken too long at `now`.
    func overdue(at now: MonotonicInstant, limits: ConnectionLimits, isCrowded: Bool) -> Overdue? {
        func isOver(_ since: MonotonicInstant, _ limit: UInt64) -> Bool { now > since && since.duration(to: now) >= limit }
        if case .lingering(let since) = phase { return isOver(since, limits.linger) ? .linger : nil }
        if let unwritableSince, isOver(unwritableSince, limits.responseWrite) { return .reader }
        switch phase {
        case .idle(let since): return isOver(since, isCrowded ? min(limits.idle, limits.idleCrowded) : limits.idle) ? .idle : nil
        case .receiving(let since): return isOver(since, limits.requestRead) ? .request : nil
        case .answering(let since): return isOver(since, limits.requestTotal) ? .answer : nil
        case .flushing(let since): return isOver(since, limits.responseWrite) ? .reader : nil
        case .streaming, .lingering: return nil
        }
    }
}
