import Testing

@testable import FaultSuite

@Suite struct CrowdFiguresTests {
    private static func exchange(_ from: Int, _ to: Int, _ outcome: Exchange.Outcome) -> Exchange {
        Exchange(intention: 0, attempt: 1, door: 0, sentAt: .milliseconds(from), endedAt: .milliseconds(to), outcome: outcome)
    }

    private static func sale(_ at: Int) -> Exchange {
        exchange(at, at, .answered(Answer(status: 201, body: "{\"id\":\"\(at)\"}")))
    }

    private static func refusal(_ at: Int) -> Exchange {
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
}
