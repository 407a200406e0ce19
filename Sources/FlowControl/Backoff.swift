/// How long to wait before the next attempt: twice as long after each failure, up to a bound, with
/// a random half so that a thousand clients that lost one server do not come back in step.
///
/// Wait k (from 0) is uniform between the half and the whole of min(`first` · 2^k, `longest`). With
/// 50 ms and 2 s: 25–50 ms, 50–100 ms, …, 1–2 s, 1–2 s.
package struct Backoff: Sendable, Equatable {
    private let first: Duration
    private let longest: Duration
    private var step: Duration

    package init(first: Duration, longest: Duration) {
        precondition(first > .zero && first < longest, "a wait that is not positive is a busy loop")
        self.first = first
        self.longest = longest
        self.step = first
    }

    /// The wait after one more failure.
    package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let half = step / 2
        step = min(step * 2, longest)
        // Not `Double.random`, which asks again until it likes the number: a generator with a fixed
        // one would never satisfy it.
        return half + half * (Double(random.next() >> 11) * 0x1p-53)
    }

    /// No failure since the last success.
    package var isFresh: Bool { step == first }

    /// To be called after a success: the next wait is short again.
    package mutating func reset() {
        step = first
    }
}
