import LoadModel
import Testing

@Suite struct ThresholdTests {
    private static let tally: Tally = {
        var tally = Tally()
        for milliseconds in 1...100 as ClosedRange<UInt64> {
            tally.takenUp(intended: 0, now: 0)
            tally.ended(milliseconds.isMultiple(of: 2) ? .committed : .reserved, detail: nil, latency: milliseconds * 1_000_000, now: 1)
        }
        for outcome in [.soldOut, .error, .unknown] as [Outcome] {
            tally.takenUp(intended: 0, now: 0)
            tally.ended(outcome, detail: nil, latency: 10_000_000_000, now: 1)
        }
        return tally
    }()

    @Test(
        arguments: [
            (.latency(percentile: 50, microseconds: 51_000), true), (.latency(percentile: 50, microseconds: 49_000), false),
            (.latency(percentile: 99, microseconds: 100_000), true), (.latency(percentile: 99, microseconds: 98_000), false),
            (.failures(share: 0.02), true), (.failures(share: 0.01), false),
            (.committed(perSecond: 5), true), (.committed(perSecond: 5.1), false),
        ] as [(Threshold, Bool)])
    func thresholdHoldsUpToItsLimit(threshold: Threshold, passed: Bool) {
        #expect(threshold.finding(Self.tally, elapsed: 10).passed == passed)
    }

    @Test(
        arguments: [
            .latency(percentile: 99, microseconds: 1_000_000), .failures(share: 0.5), .committed(perSecond: 0.001),
        ] as [Threshold])
    func nothingToMeasureMissesEveryThreshold(threshold: Threshold) {
        #expect(!threshold.finding(Tally(), elapsed: 0).passed)
    }

    @Test func findingIsNamedAfterThePercentile() {
        #expect(Threshold.latency(percentile: 99, microseconds: 1).finding(Self.tally, elapsed: 1).rule == "threshold_p99")
        #expect(Threshold.latency(percentile: 99.9, microseconds: 1).finding(Self.tally, elapsed: 1).rule == "threshold_p999")
    }
}

@Suite struct RunExitTests {
    @Test(
        arguments: [
            (false, true, true, true, .ok), (false, true, true, false, .failed), (false, true, false, true, .failed),
            (false, false, true, true, .schedule), (false, false, true, false, .schedule), (false, false, false, true, .failed),
            (true, true, true, true, .interrupted), (true, false, false, false, .interrupted),
        ] as [(Bool, Bool, Bool, Bool, RunExit)])
    func exitTellsTheGravestThing(interrupted: Bool, kept: Bool, invariant: Bool, threshold: Bool, status: RunExit) {
        #expect(
            RunExit(
                isInterrupted: interrupted, isScheduleKept: kept, invariants: [Finding("i", invariant, "")],
                thresholds: [Finding("t", threshold, "")]) == status)
    }
}
