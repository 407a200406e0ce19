import LoadModel
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("10s", 10_000_000_000), ("1.5s", 1_500_000_000), ("500ms", 500_000_000), ("250us", 250_000), ("2m", 120_000_000_000),
            ("1h", 3_600_000_000_000), ("1h30m", 5_400_000_000_000), ("1d", 86_400_000_000_000),
        ] as [(String, UInt64)])
    func durationIsRead(text: String, nanoseconds: UInt64) {
        #expect(Duration(measured: text)?.nanosecondsCount == nanoseconds)
    }

    @Test(arguments: ["", "s", "10", "0s", "-1s", "0us", "8d", "1 s", "infs", "nans", "1e9h", "ten s", "+1s"])
    func anythingElseIsRefused(text: String) {
        #expect(Duration(measured: text) == nil)
    }
}

@Suite struct LatencyHistogramTests {
    @Test func percentilesAreThoseOfTheRecordedLatencies() {
        var histogram = LatencyHistogram()
        for milliseconds in 1...1_000 as ClosedRange<UInt64> { histogram.record(nanoseconds: milliseconds * 1_000_000) }
        #expect(histogram.count == 1_000)
        for (percentile, expected) in [(50.0, 500_000), (90, 900_000), (99, 990_000), (99.9, 999_000)] as [(Double, Double)] {
            #expect(abs(Double(histogram.microseconds(atPercentile: percentile)) - expected) <= expected / 1_000)
        }
    }

    @Test func emptyHistogramSaysNothing() {
        let summary = LatencySummary(LatencyHistogram())
        #expect(summary.p50 == 0 && summary.max == 0 && summary.mean == 0)
    }

    /// Anything above an hour still counts, so that the counts of a report add up.
    @Test func latencyBeyondTheRangeIsCountedAtItsEnd() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: .max / 2)
        #expect(histogram.count == 1)
        #expect(histogram.max >= 3_590_000_000)
    }

    @Test func nanosecondsAreRoundedUp() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: 1_001)
        #expect(histogram.max == 2)
    }
}

@Suite struct TallyTests {
    @Test func talliesOfTwoGeneratorsAddUp() {
        var one = Tally()
        var two = Tally()
        one.takenUp(intended: 0, now: 1_000)
        one.ended(.committed, detail: nil, latency: 5_000_000, now: 500_000_000)
        two.takenUp(intended: 0, now: 9_000)
        two.takenUp(intended: 0, now: 9_000)
        two.ended(.committed, detail: nil, latency: 7_000_000, now: 2_500_000_000)
        two.ended(.shed, detail: "503 overloaded", latency: 1_000_000, now: 1_500_000_000)
        two.skipped = 3
        two.wasBusy(ThreadShare(running: 0.5, ready: 0.1))
        one.add(two)
        #expect(one.offered == 3)
        #expect(one.skipped == 3)
        #expect(one.busy == ThreadShare(running: 0.5, ready: 0.1))
        #expect(one.count(.committed) == 2)
        #expect(one.perSecond(.committed) == [1, 0, 1])
        #expect(one.perSecond(.shed) == [0, 1, 0])
        #expect(one.details == [Tally.Detail(outcome: .shed, text: "503 overloaded"): 1])
        #expect(one.lag.max == 9)
        #expect(one.lastOutcomeAt == 2_500_000_000)
        #expect(one.bought.count == 2)
    }

    @Test func everyOutcomeHasItsOwnPlace() {
        var tally = Tally()
        for (index, outcome) in Outcome.allCases.enumerated() {
            for _ in 0...index { tally.ended(outcome, detail: nil, latency: 1, now: 1) }
        }
        #expect(Outcome.allCases.map { tally.count($0) } == Outcome.allCases.indices.map { UInt64($0 + 1) })
    }
}

@Suite struct CPUShareTests {
    @Test func timeIsSharedOutOverAnswersAndPurchases() {
        let share = CPUShare(process: "service", seconds: 3, elapsed: 10, answers: 200_000, purchases: 100_000)
        #expect(share.cores == 0.3)
        #expect(share.microsecondsPerAnswer == 15)
        #expect(share.microsecondsPerPurchase == 30)
    }

    @Test func withoutPurchasesThereIsNoShare() {
        #expect(CPUShare(process: "service", seconds: 3, elapsed: 0, answers: 0, purchases: 0).microsecondsPerPurchase == nil)
    }
}
