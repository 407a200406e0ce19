import LoadModel
import Testing

@Suite struct RampPlanTests {
    @Test func stairsReachTheLastRate() {
        let plan = RampPlan(rateFrom: 100, rateTo: 300, rateStep: 100, stepSeconds: 2, isLinear: false)
        #expect(plan.rates == [100, 200, 300])
        #expect(plan.phases.allSatisfy { $0.rateFrom == $0.rateTo && $0.seconds == 2 })
        #expect(plan.steps.map(\.endsAt) == [2_000_000_000, 4_000_000_000, 6_000_000_000])
        #expect(plan.steps.map(\.name) == ["100/s", "200/s", "300/s"])
    }

    @Test func aSlopeIsJudgedByItsMeans() {
        let plan = RampPlan(rateFrom: 100, rateTo: 300, rateStep: 100, stepSeconds: 2, isLinear: true)
        #expect(plan.rates == [150, 250])
        #expect(plan.phases.map(\.rateTo) == [200, 300])
    }
}

@Suite struct RampStepTests {
    static let limits = KneeLimits(committedShare: 0.95, latencyP99Microseconds: 100_000, lagP99Microseconds: 10_000)

    /// A step of 100 purchases in one second.
    static func step(offered: Int = 100, committed: Int, latencyMilliseconds: UInt64 = 10, lagMilliseconds: UInt64 = 0) -> RampStep {
        var tally = Tally()
        for number in 0..<offered {
            tally.takenUp(intended: 0, now: lagMilliseconds * 1_000_000)
            tally.ended(number < committed ? .committed : .shed, detail: nil, latency: latencyMilliseconds * 1_000_000, now: 1)
        }
        return RampStep(rate: 100, seconds: 1, tally: tally, limits: limits)
    }

    @Test(
        arguments: [
            (step(committed: 100), nil), (step(committed: 95), nil), (step(committed: 94), .committed),
            (step(committed: 100, latencyMilliseconds: 99), nil), (step(committed: 100, latencyMilliseconds: 101), .latency),
            (step(committed: 100, lagMilliseconds: 9), nil), (step(committed: 100, lagMilliseconds: 11), .generator),
            (step(committed: 0, lagMilliseconds: 11), .generator), (step(offered: 50, committed: 50), .generator),
            (step(committed: 0, latencyMilliseconds: 101), .committed),
        ] as [(RampStep, RampStep.Miss?)])
    func theFirstThingThatIsMissedIsNamed(step: RampStep, miss: RampStep.Miss?) {
        #expect(step.miss == miss)
    }

    static func at(_ rate: Double, _ miss: RampStep.Miss? = nil) -> RampStep {
        var step = step(committed: 100)
        step.rate = rate
        step.miss = miss
        return step
    }

    @Test func capacityIsTheHighestRateBeforeTheFirstMiss() {
        let result = RampResult(steps: [Self.at(10), Self.at(20), Self.at(30, .latency), Self.at(40)])
        #expect(result.capacity == 20)
        #expect(result.isKneeFound && result.isScheduleKept)
        #expect(result.steps.map(\.rate) == [10, 20, 30])
    }

    @Test func withoutAMissTheCapacityIsAtLeastTheLastRate() {
        let result = RampResult(steps: [Self.at(10), Self.at(20)])
        #expect(result.capacity == 20 && !result.isKneeFound)
        #expect(result.findings(capacityMin: nil).map(\.figures) == ["at least 20 per second"])
    }

    @Test func aGeneratorThatGivesOutHasNotKeptItsSchedule() {
        #expect(!RampResult(steps: [Self.at(10), Self.at(20, .generator)]).isScheduleKept)
    }

    @Test(arguments: [(20.0, true), (21, false)])
    func capacityHasAThreshold(limit: Double, passed: Bool) {
        let result = RampResult(steps: [Self.at(10), Self.at(20), Self.at(30, .committed)])
        #expect(result.findings(capacityMin: limit).map(\.passed) == [true, passed])
        #expect(RampResult(steps: [Self.at(10, .committed)]).findings(capacityMin: nil).map(\.passed) == [false])
    }
}
