import LoadModel
import LoadSupport

/// What one buyer wants, once: however often it is asked for, at most one order may come of it.
package struct Intention: Sendable, Equatable {
    package var user: String
    /// `nil` for a buyer whose client sends none.
    package var key: String?
    package var sku = "unit"
    package var quantity = 1
    /// After the start of the crowd.
    package var arrival: Duration = .zero
    /// Counts the arrival from the end of the faults instead.
    package var comesAfterFaults = false
    /// Asks for a 202 at once.
    package var prefersAsync = false

    package init(user: String, key: String?, arrival: Duration = .zero) {
        (self.user, self.key, self.arrival) = (user, key, arrival)
    }
}

/// One request and what came back.
package struct BuyerExchange: Sendable {
    package enum Outcome: Sendable, Equatable {
        case answered(Answer)
        /// Nothing that can be read came back: it may have bought or not.
        case unanswered(String)
    }

    /// Index into the crowd's intentions.
    package var intention: Int
    /// From 1.
    package var attempt: Int
    /// Index of the door.
    package var door: Int
    /// After the start of the crowd.
    package var sentAt: Duration
    package var endedAt: Duration
    package var outcome: Outcome

    package var answer: Answer? {
        if case .answered(let answer) = outcome { answer } else { nil }
    }
    /// 201 or 202.
    package var hasBought: Bool { answer.map { $0.status == 201 || $0.status == 202 } ?? false }

    package var summary: String {
        switch outcome {
        case .answered(let answer): answer.summary
        case .unanswered(let reason): "no answer: \(reason)"
        }
    }
}

/// How a buyer's client takes a refusal that may pass.
package enum RetryPolicy: Sendable {
    /// Waits as long as `Retry-After` says, or longer from time to time, but never longer than a
    /// second.
    case polite
    /// At once, whatever the answer says.
    case storm
    case never
}

extension BuyerExchange {
    /// No answer, or one that asks to come again because the service cannot sell now.
    package var isRefusedForNow: Bool {
        switch outcome {
        case .unanswered: true
        case .answered(let answer): answer.status == 429 || answer.status >= 500
        }
    }

    /// Whether a client that retries would try again.
    package var mayPass: Bool {
        switch outcome {
        case .unanswered: true
        case .answered(let answer):
            answer.status == 429 || answer.status >= 500 || answer.code == "idempotency_in_progress" || answer.code == "not_started"
        }
    }
}

/// Who comes, and when.
package struct CrowdPlan: Sendable {
    package var intentions: [Intention]
    package var retry = RetryPolicy.polite
    /// When one request is given up.
    package var timeout: Duration = .seconds(4)
    /// How long after the last arrival, and after the last fault, buyers still try.
    package var patience: Duration = .seconds(20)
    package var inFlightMax = 160
    /// `nil` keeps connections for as long as they last.
    package var purchasesPerConnection: Int?
    /// Where buyers come from, by turns; `nil` leaves it to the system.
    package var localAddresses: [String?] = [nil]
    /// One intention in so many is asked for twice at the same time.
    package var duplicateEvery = 0

    package init(intentions: [Intention]) {
        self.intentions = intentions
    }

    /// `wave` by `wave`, each evenly spread over its seconds. Most buyers come once; some of them
    /// try a second purchase of their own at the same time.
    package static func waves(
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
