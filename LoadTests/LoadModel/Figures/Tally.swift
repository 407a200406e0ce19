/// What one generator counted. Tallies of several loops, or of several processes, add up.
package struct Tally: Sendable {
    /// A status and the `code` that came with it, or why nothing came.
    package struct Detail: Hashable, Sendable {
        package var outcome: Outcome
        package var text: String

        package init(outcome: Outcome, text: String) {
            self.outcome = outcome
            self.text = text
        }
    }

    /// What ended in one second of the run.
    struct Second: Sendable, Equatable, Codable {
        /// By outcome.
        var counts: [UInt64] = Array(repeating: 0, count: Outcome.allCases.count)
        /// Of answers that gave what was asked for, and of answers that refused it.
        var ok = SecondHistogram()
        var refused = SecondHistogram()
    }

    /// By outcome: from the intended instant to the answer, or to the moment when it was given up.
    var latencies: [LatencyHistogram]
    /// By second of the answer.
    var seconds: [Second] = []
    package internal(set) var details: [Detail: UInt64] = [:]
    /// How late the generator itself was: from the intended instant to the moment when it took the
    /// arrival up, connections or not.
    package internal(set) var lag = LatencyHistogram()
    /// From taking an arrival up to sending it; more than nothing when every connection was busy.
    package internal(set) var connectionWait = LatencyHistogram()
    /// Purchases that were taken up.
    package internal(set) var offered: UInt64 = 0
    /// Purchases of the plan that were not even taken up, because the run was ended before.
    package var skipped: UInt64 = 0
    /// Nanoseconds since the start at which the last arrival was taken up.
    package internal(set) var lastTakenUpAt: UInt64 = 0
    /// Nanoseconds since the start at which the last outcome was known.
    package internal(set) var lastOutcomeAt: UInt64 = 0

    /// How the busiest generator thread spent its time while it still had arrivals to take up.
    package internal(set) var busy = ThreadShare(running: 0, ready: 0)

    package init() {
        latencies = Outcome.allCases.map { _ in LatencyHistogram() }
    }

    /// - Parameter now: nanoseconds since the start of the run.
    package mutating func takenUp(intended: UInt64, now: UInt64) {
        offered += 1
        lag.record(nanoseconds: now - intended)
        lastTakenUpAt = now
    }

    package mutating func sent(afterWait nanoseconds: UInt64) {
        connectionWait.record(nanoseconds: nanoseconds)
    }

    /// - Parameters:
    ///   - latency: nanoseconds since the intended instant.
    ///   - now: nanoseconds since the start of the run.
    package mutating func ended(_ outcome: Outcome, detail: String?, latency: UInt64, now: UInt64) {
        latencies[outcome.index].record(nanoseconds: latency)
        if let detail { details[Detail(outcome: outcome, text: detail), default: 0] += 1 }
        let second = Int(now / 1_000_000_000)
        while seconds.count <= second { seconds.append(Second()) }
        seconds[second].counts[outcome.index] += 1
        switch outcome.group {
        case .ok: seconds[second].ok.record(nanoseconds: latency)
        case .refused: seconds[second].refused.record(nanoseconds: latency)
        case .unknown: break
        }
        lastOutcomeAt = max(lastOutcomeAt, now)
    }

    package mutating func wasBusy(_ share: ThreadShare) {
        if share.running > busy.running { busy = share }
    }

    package func latency(_ outcome: Outcome) -> LatencyHistogram { latencies[outcome.index] }
    package func count(_ outcome: Outcome) -> UInt64 { latencies[outcome.index].count }
    package func count(where matches: (Outcome) -> Bool) -> UInt64 {
        Outcome.allCases.reduce(0) { matches($1) ? $0 + count($1) : $0 }
    }
    /// Latencies of both answers that sell: 201 and 202.
    package var bought: LatencyHistogram { latency { $0 == .committed || $0 == .reserved } }
    package func latency(where matches: (Outcome) -> Bool) -> LatencyHistogram {
        Outcome.allCases.filter(matches).reduce(into: LatencyHistogram()) { $0.add(latency($1)) }
    }
    /// Counts of one outcome by second of the answer.
    package func perSecond(_ outcome: Outcome) -> [UInt64] { seconds.map { $0.counts[outcome.index] } }

    package mutating func add(_ other: Tally) {
        for index in latencies.indices { latencies[index].add(other.latencies[index]) }
        addSeconds(of: other)
        details.merge(other.details, uniquingKeysWith: +)
        lag.add(other.lag)
        connectionWait.add(other.connectionWait)
        offered += other.offered
        skipped += other.skipped
        wasBusy(other.busy)
        lastTakenUpAt = max(lastTakenUpAt, other.lastTakenUpAt)
        lastOutcomeAt = max(lastOutcomeAt, other.lastOutcomeAt)
    }

    private mutating func addSeconds(of other: Tally) {
        // A long run has many, and the sum of one tally is looked at every second.
        guard !seconds.isEmpty else { return seconds = other.seconds }
        while seconds.count < other.seconds.count { seconds.append(Second()) }
        for (second, added) in other.seconds.enumerated() {
            for (index, count) in added.counts.enumerated() { seconds[second].counts[index] += count }
            seconds[second].ok.add(added.ok)
            seconds[second].refused.add(added.refused)
        }
    }
}

extension Outcome {
    var index: Int {
        switch self {
        case .committed: 0
        case .reserved: 1
        case .soldOut: 2
        case .limitReached: 3
        case .rateLimited: 4
        case .shed: 5
        case .refused: 6
        case .error: 7
        case .unknown: 8
        case .unsent: 9
        case .settled: 10
        }
    }
}
