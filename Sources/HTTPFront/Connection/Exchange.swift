/// Where a connection stands between a request and its answer: one at a time, in order.
struct Exchange: Equatable {
    enum State: Equatable {
        /// Next: `receiving` or `ended`.
        case idle
        /// A request is coming, and its answer may have begun. Next: `answering`, `discarding` or
        /// `ended`.
        case receiving
        /// The request is complete and its answer is not. Next: `idle` or `ended`.
        case answering
        /// The answer is complete and the request is not: its rest is of no interest. Next: `idle`
        /// or `ended`.
        case discarding
        /// No further request is looked at and nothing more is written. Terminal.
        case ended
    }

    enum AnswerEnd: Equatable {
        /// The next request may come.
        case next
        /// The rest of this request must come first.
        case awaitRequestEnd
        /// It was the connection's last.
        case close
    }

    enum Failure: Equatable {
        /// An answer may tell of it.
        case answer
        /// The request has its answer already, or part of it: the connection closes.
        case close
        /// It is over anyhow.
        case none
    }

    private(set) var state = State.idle
    private(set) var hasAnswerBegun = false
    private(set) var closesAfterAnswer = false

    /// A request may be handed on.
    var takesRequests: Bool {
        switch state {
        case .idle, .receiving, .discarding: true
        case .answering, .ended: false
        }
    }

    mutating func requestBegan(isLast: Bool) {
        state = .receiving
        hasAnswerBegun = false
        closesAfterAnswer = isLast
    }

    /// `true` when with it the whole exchange is over.
    mutating func requestEnded() -> Bool {
        switch state {
        case .receiving: state = .answering
        case .discarding:
            state = .idle
            return true
        case .idle, .answering, .ended: break
        }
        return false
    }

    /// Returns whether the answer must say that the connection closes.
    ///
    /// - Parameters:
    ///   - isLast: the answer says so by itself, or the service wants it.
    ///   - isRestLong: what is still to come of the request is not worth reading.
    mutating func answerBegan(isLast: Bool, isRestLong: Bool) -> Bool {
        hasAnswerBegun = true
        if isLast || (isRestLong && state == .receiving) { closesAfterAnswer = true }
        return closesAfterAnswer
    }

    mutating func answerEnded() -> AnswerEnd {
        if closesAfterAnswer {
            state = .ended
            return .close
        }
        switch state {
        case .receiving:
            state = .discarding
            return .awaitRequestEnd
        case .idle, .answering, .discarding:
            state = .idle
            return .next
        case .ended: return .close
        }
    }

    /// Nothing more can be read, or nothing in time.
    mutating func failed() -> Failure {
        switch state {
        case .idle:
            state = .answering
            hasAnswerBegun = false
            closesAfterAnswer = true
            return .answer
        case .discarding:
            state = .ended
            return .close
        case .receiving, .answering:
            closesAfterAnswer = true
            if hasAnswerBegun {
                state = .ended
                return .close
            }
            state = .answering
            return .answer
        case .ended: return .none
        }
    }

    mutating func end() {
        state = .ended
    }
}
