import LoadModel
import Testing

@testable import FaultSuite

@Suite struct KeyAnswersTests {
    private static let order = Answer(status: 201, body: "{\"id\":\"a\"}")

    private static func violations(_ answers: [Answer], stored: Int = 1) -> Set<String> {
        let heard = KeyAnswers()
        for answer in answers { heard.add(answer, key: "k") }
        return Set(heard.findings(keys: 1, ordersInPostgres: ["k": stored]).filter { !$0.passed }.map(\.rule))
    }

    @Test func theSameAnswerAgainAndAgainIsInOrder() {
        #expect(
            Self.violations([Self.order, FairSale.refusal(409, "idempotency_in_progress"), FairSale.refusal(503, "recovering"), Self.order]).isEmpty)
        #expect(Self.violations([Answer(status: 202, body: "{\"id\":\"a\",\"state\":\"reserved\"}"), Self.order]).isEmpty)
    }

    @Test func twoOrdersUnderOneKeyAreFound() {
        #expect(Self.violations([Self.order, Answer(status: 201, body: "{\"id\":\"b\"}")]) == ["one_order_per_key", "same_answer_per_key"])
        #expect(Self.violations([Self.order], stored: 2) == ["one_order_per_key"])
    }

    @Test func aKeyWithoutAnOrderIsFound() {
        #expect(Self.violations([FairSale.refusal(503, "recovering")]) == ["one_order_per_key"])
    }

    @Test func anotherAnswerAfterwardsIsFound() {
        #expect(Self.violations([Self.order, FairSale.refusal(409, "limit_reached")]).contains("no_other_answer"))
    }
}
