import BenchModel
import Testing

@Suite struct BooksCheckTests {
    @Test(arguments: [
        // sold, answered, unheard at most
        (100, 100, 0, true), (99, 100, 10, false), (110, 100, 10, true), (111, 100, 10, false),
    ])
    func whatIsSoldIsWhatWasConfirmedOrWasUnderWay(sold: Int, answered: Int, unheardMax: Int, isRight: Bool) {
        #expect((BooksCheck.fault(sold: sold, answered: answered, unheardMax: unheardMax) == nil) == isRight)
    }

    @Test func theResultIsTheLastLineOfItsKind() {
        let output = "Running 1s test\n  RESULT no\nRESULT {\"a\":1}\nRESULT {\"a\":2}\n"
        #expect(ClosedLoop.result(in: output) == "{\"a\":2}")
        #expect(ClosedLoop.result(in: "nothing") == nil)
    }

    @Test func answersAboveThreeHundredAreNotSuccesses() {
        let loop = ClosedLoop(requests: 100, microseconds: 500_000, refused: 30, failed: 0, p50: 1, p99: 2)
        #expect(loop.succeeded == 70)
        #expect(loop.perSecond == 200)
    }
}
