import Testing

@testable import LoadModel

@Suite struct ArrivalPlanTests {
    @Test func constantArrivalsStandAtTheirExactInstants() {
        let plan = ArrivalPlan.steady(rate: 4, seconds: 2, spacing: .constant, seed: 1)
        #expect(Array(plan.instants) == [0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750].map { $0 * 1_000_000 })
    }

    /// A rate that no nanosecond divides must not drift.
    @Test func constantArrivalsDoNotDrift() {
        let plan = ArrivalPlan.steady(rate: 7_777, seconds: 10, spacing: .constant, seed: 1)
        let instants = Array(plan.instants)
        #expect(instants.count == 77_770)
        #expect(instants.enumerated().allSatisfy { abs(Double($0.element) - Double($0.offset) / 7_777 * 1e9) < 2 })
    }

    @Test(arguments: ArrivalPlan.Spacing.allCases)
    func samePlanGivesTheSameInstants(spacing: ArrivalPlan.Spacing) {
        let plan = ArrivalPlan.steady(rate: 1_000, seconds: 3, spacing: spacing, seed: 42)
        #expect(Array(plan.instants) == Array(plan.instants))
    }

    @Test func anotherSeedGivesAnotherPoissonPlan() {
        let one = ArrivalPlan.steady(rate: 1_000, seconds: 1, spacing: .poisson, seed: 1)
        let two = ArrivalPlan.steady(rate: 1_000, seconds: 1, spacing: .poisson, seed: 2)
        #expect(Array(one.instants) != Array(two.instants))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func poissonArrivalsComeAtTheRateAndInOrder(seed: UInt64) {
        let instants = Array(ArrivalPlan.steady(rate: 10_000, seconds: 5, spacing: .poisson, seed: seed).instants)
        // Five standard deviations of a Poisson count.
        #expect(abs(Double(instants.count) - 50_000) < 5 * 50_000.0.squareRoot(), "seed \(seed)")
        #expect(zip(instants, instants.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(instants.last.map { $0 < 5_000_000_000 } == true)
    }

    /// Of exponential gaps, 1 − 1/e are shorter than the mean.
    @Test func gapsAreExponential() {
        var random = SplitMix64(seed: 3)
        let gaps = (0..<100_000).map { _ in random.nextExponential() }
        let mean = gaps.reduce(0, +) / 100_000
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100_000
        #expect(abs(mean - 1) < 0.02)
        #expect(abs(variance - 1) < 0.05)
        #expect(abs(Double(gaps.count { $0 < 1 }) / 100_000 - 0.632) < 0.01)
    }

    @Test func rampBringsMoreEverySecond() {
        let plan = ArrivalPlan(
            phases: [.init(rateFrom: 0, rateTo: 1_000, seconds: 10), .init(rateFrom: 1_000, rateTo: 1_000, seconds: 1)],
            spacing: .constant, seed: 1)
        var perSecond = Array(repeating: 0, count: 11)
        for instant in plan.instants { perSecond[Int(instant / 1_000_000_000)] += 1 }
        // The integral of the rate over second k of the ramp is 100 × (k + ½).
        for second in 0..<10 { #expect(abs(perSecond[second] - (100 * second + 50)) <= 1, "second \(second)") }
        #expect(perSecond[10] == 1_000)
        #expect(plan.expected == 6_000)
        #expect(plan.seconds == 11)
    }

    @Test func rampDownEndsAtItsEnd() {
        let plan = ArrivalPlan(phases: [.init(rateFrom: 100, rateTo: 0, seconds: 2)], spacing: .constant, seed: 1)
        let instants = Array(plan.instants)
        #expect(instants.count == 100)
        #expect(instants.last.map { $0 < 2_000_000_000 } == true)
    }
}
