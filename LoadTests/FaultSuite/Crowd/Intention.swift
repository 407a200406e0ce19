import LoadModel

/// What one buyer wants, once: however often it is asked for, at most one order may come of it.
struct Intention: Sendable, Equatable {
    var user: String
    /// `nil` for a buyer whose client sends none.
    var key: String?
    var sku = "unit"
    var quantity = 1
    /// After the start of the crowd.
    var arrival: Duration = .zero
    /// Counts the arrival from the end of the faults instead.
    var comesAfterFaults = false
    /// Asks for a 202 at once.
    var prefersAsync = false
}

/// One request and what came back.
struct Exchange: Sendable {
    enum Outcome: Sendable, Equatable {
        case answered(Answer)
        /// Nothing that can be read came back: it may have bought or not.
        case unanswered(String)
    }

    /// Index into the crowd's intentions.
    var intention: Int
    /// From 1.
    var attempt: Int
    /// Index of the node.
    var node: Int
    /// After the start of the crowd.
    var sentAt: Duration
    var endedAt: Duration
    var outcome: Outcome

    var answer: Answer? {
        if case .answered(let answer) = outcome { answer } else { nil }
    }
    /// 201 or 202.
    var hasBought: Bool { answer.map { $0.status == 201 || $0.status == 202 } ?? false }

    var summary: String {
        switch outcome {
        case .answered(let answer): answer.summary
        case .unanswered(let reason): "no answer: \(reason)"
        }
    }
}

/// How a buyer's client takes a refusal that may pass.
enum RetryPolicy: Sendable {
    /// Waits as long as `Retry-After` says, or longer from time to time, but never longer than a second.
    case polite
    /// At once, whatever the answer says.
    case storm
    case never
}

extension Exchange {
    /// No answer, or one that asks to come again because the service cannot sell now.
    var isRefusedForNow: Bool {
        switch outcome {
        case .unanswered: true
        case .answered(let answer): answer.status == 429 || answer.status >= 500
        }
    }

    /// Whether a client that retries would try again.
    var mayPass: Bool {
        switch outcome {
        case .unanswered: true
        case .answered(let answer):
            answer.status == 429 || answer.status >= 500 || answer.code == "idempotency_in_progress" || answer.code == "not_started"
        }
    }
}

/// Who comes, and when.
struct CrowdPlan: Sendable {
    var intentions: [Intention]
    var retry = RetryPolicy.polite
    /// When one request is given up.
    var timeout: Duration = .seconds(4)
    /// How long after the last arrival, and after the last fault, buyers still try.
    var patience: Duration = .seconds(20)
    var inFlightMax = 160
    /// One intention in so many is asked for twice at the same time.
    var duplicateEvery = 0

    init(intentions: [Intention]) {
        self.intentions = intentions
    }

    /// `wave` by `wave`, each evenly spread over its seconds. Most buyers come once; some of them try a second purchase of their own at the same time.
    static func waves(
        _ waves: [(buyers: Int, seconds: Double)], afterFaults last: (buyers: Int, seconds: Double)? = nil, twiceEvery: Int = 12,
        withoutKeyEvery: Int = 15, seed: UInt64
    ) -> CrowdPlan {
        var random = SplitMix64(seed: seed)
        var intentions: [Intention] = []
        func add(_ wave: (buyers: Int, seconds: Double), from start: Double, afterFaults: Bool) {
            for number in 0..<wave.buyers {
                let seconds = start + wave.seconds * Double(number) / Double(max(1, wave.buyers))
                let user = "buyer-\(intentions.count)"
                let isTwice = twiceEvery > 0 && Int.random(in: 0..<twiceEvery, using: &random) == 0
                let hasKey = isTwice || withoutKeyEvery == 0 || Int.random(in: 0..<withoutKeyEvery, using: &random) != 0
                var intention = Intention(user: user, key: hasKey ? "key-\(user)" : nil, arrival: .milliseconds(Int(seconds * 1_000)))
                intention.comesAfterFaults = afterFaults
                intentions.append(intention)
                if isTwice {
                    intention.key = "second-\(user)"
                    intentions.append(intention)
                }
            }
        }
        var start = 0.0
        for wave in waves {
            add(wave, from: start, afterFaults: false)
            start += wave.seconds
        }
        if let last { add(last, from: 0, afterFaults: true) }
        var plan = CrowdPlan(intentions: intentions)
        plan.duplicateEvery = 10
        return plan
    }
}
