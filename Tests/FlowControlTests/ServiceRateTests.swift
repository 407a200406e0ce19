import FlowControl
import Testing

@Suite struct ServiceRateTests {
    @Test func nothingKnownMeansNoWait() {
        #expect(ServiceRate(timeConstantSeconds: 1).expectedWaitSeconds(behind: 1_000) == 0)
    }

    @Test func theWaitIsTheQueueDividedByTheRate() {
        var rate = ServiceRate(timeConstantSeconds: 1)
        rate.record(count: 500, seconds: 0.5)
        #expect(abs(rate.expectedWaitSeconds(behind: 2_000) - 2) < 1e-9)
    }

    @Test func theMeanFollowsAChangeWithinItsTimeConstant() {
        var rate = ServiceRate(timeConstantSeconds: 1)
        rate.record(count: 1_000, seconds: 1)
        for _ in 0..<20 { rate.record(count: 10, seconds: 0.1) }
        let wait = rate.expectedWaitSeconds(behind: 100)
        #expect(wait > 0.4 && wait <= 1, "two time constants at 100 a second leave less than 15 % of the old 1,000 a second")
    }

    @Test func workWithoutTimeOrCountSaysNothing() {
        var rate = ServiceRate(timeConstantSeconds: 1)
        rate.record(count: 0, seconds: 1)
        rate.record(count: 5, seconds: 0)
        #expect(rate.expectedWaitSeconds(behind: 10) == 0)
    }
}
