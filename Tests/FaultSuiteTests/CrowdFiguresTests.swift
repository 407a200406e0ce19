import Testing

@testable import FaultSuite

@Suite struct CrowdFiguresTests {
    private static func exchange(_ from: Int, _ to: Int, _ outcome: BuyerExchange.Outcome) -> BuyerExchange {
        BuyerExchange(intention: 0, attempt: 1, door: 0, sentAt: .milliseconds(from), endedAt: .milliseconds(to), outcome: outcome)
    }

    private static func sale(_ at: Int) -> BuyerExchange {
        exchange(at, at, .answered(Answer(status: 201, body: "{\"id\":\"\(at)\"}")))
    }

    private static func refusal(_ at: Int) -> BuyerExchange {
        exchange(at, at, .answered(FairSale.refusal(503, "recovering")))
    }

    @Test func refusalsCountUntilSomethingIsSoldAgain() {
        let figures = CrowdFigures([Self.sale(50), Self.refusal(150), Self.refusal(250), Self.refusal(350), Self.sale(420), Self.sale(1_050)])
        #expect(
            figures.effects(of: [("wiped", .milliseconds(100))]) == [FaultEffect(fault: "wiped", refusalSeconds: 0.3, recoverySeconds: 0.3)])
    }

    @Test func aMomentBetweenTwoCommitsIsNoRefusal() {
        let figures = CrowdFigures([Self.sale(50), Self.refusal(150), Self.refusal(250), Self.sale(320)])
        #expect(figures.effects(of: [("slow", .zero)]) == [FaultEffect(fault: "slow", refusalSeconds: 0, recoverySeconds: 0)])
    }

    @Test func aRequestThatIsNeverAnsweredRefusesAllTheTime() {
        let figures = CrowdFigures([Self.exchange(0, 1_999, .unanswered("timeout")), Self.sale(5_000)])
        #expect(figures.effects(of: [("frozen", .zero)]) == [FaultEffect(fault: "frozen", refusalSeconds: 2, recoverySeconds: 2)])
    }

    @Test func whatIsSoldElsewhereMeanwhileIsNoRefusal() {
        let figures = CrowdFigures([Self.refusal(50), Self.refusal(150), Self.sale(160), Self.refusal(250), Self.sale(900)])
        #expect(figures.effects(of: [("killed", .zero)]) == [FaultEffect(fault: "killed", refusalSeconds: 0, recoverySeconds: 0)])
    }

    @Test func afterTheLastSaleNobodyIsKeptFromBuying() {
        let figures = CrowdFigures([Self.sale(250), Self.exchange(300, 999, .unanswered("timeout"))])
        #expect(figures.effects(of: [("killed", .zero)]) == [FaultEffect(fault: "killed", refusalSeconds: 0, recoverySeconds: 0)])
    }

    @Test func aFaultAnswersUntilTheNextOne() {
        let figures = CrowdFigures([
            Self.exchange(100, 399, .unanswered("reset")), Self.exchange(1_100, 1_499, .unanswered("reset")), Self.sale(1_500),
        ])
        let effects = figures.effects(of: [("first", .zero), ("second", .seconds(1))])
        #expect(effects.map(\.refusalSeconds) == [0.3, 0.4])
        #expect(effects.map(\.recoverySeconds) == [0.4, 0.5])
    }

    @Test func silenceLastsFromTheFaultToWhoeverIsConfirmedNextOrToTheEnd() {
        func silence(_ confirmed: [Int]) -> Duration {
            CrowdFigures(confirmed.map(Self.sale)).longestSilence(from: .seconds(2), to: .seconds(14))
        }
        #expect(silence([1_000, 2_020, 7_000, 13_900]) == .milliseconds(6_900))
        #expect(silence([1_000, 2_020]) == .milliseconds(11_980))
        #expect(silence([]) == .seconds(12))
        // Reserved is not confirmed.
        let reserved = Self.exchange(3_000, 3_000, .answered(Answer(status: 202, body: "{\"id\":\"1\"}")))
        #expect(CrowdFigures([reserved]).longestSilence(from: .seconds(2), to: .seconds(14)) == .seconds(12))
    }

    @Test func whoeverIsRefusedUnansweredOrLateWasFailed() {
        let sold = BuyerExchange.Outcome.answered(Answer(status: 201, body: "{\"id\":\"1\"}"))
        let impact = Impact(
            [
                Self.exchange(0, 10, sold), Self.exchange(100, 1_601, sold), Self.exchange(200, 1_700, sold),
                Self.exchange(300, 310, .answered(FairSale.refusal(429, "rate_limited"))), Self.exchange(400, 410, .unanswered("reset")),
                Self.exchange(700, 710, .answered(FairSale.refusal(409, "limit_reached"))),
            ], patience: .milliseconds(1_500))
        #expect(impact.requests == 6)
        #expect(impact.failed.map(\.sentAt) == [100, 300, 400, 700].map { .milliseconds($0) })
        #expect(impact.seconds == 0.6)
        #expect(impact.refusedAsSecond == 1)
    }
}
