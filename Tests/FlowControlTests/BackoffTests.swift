import FlowControl
import Testing

@Suite struct BackoffTests {
    /// Always the same number, so that the jitter is at one end.
    private struct Constant: RandomNumberGenerator {
        let number: UInt64
        mutating func next() -> UInt64 { number }
    }

    private static func waits(_ count: Int, random: UInt64) -> [Duration] {
        var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
        var generator = Constant(number: random)
        return (0..<count).map { _ in backoff.next(using: &generator) }
    }

    @Test func theShortestWaitsAreHalfOfADoublingStep() {
        #expect(Self.waits(4, random: 0) == [.milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(200)])
    }

    @Test func noWaitIsLongerThanTheBound() {
        let waits = Self.waits(100, random: .max)
        #expect(waits.allSatisfy { $0 <= .seconds(2) })
        #expect(waits[99] > .milliseconds(1_900))
    }

    @Test func everyWaitLiesBetweenTheHalfAndTheWholeOfItsStep() {
        var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
        var generator = SystemRandomNumberGenerator()
        for step in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] {
            let wait = backoff.next(using: &generator)
            #expect((.milliseconds(step / 2) ... .milliseconds(step)).contains(wait), "\(wait)")
        }
    }

    @Test func aSuccessMakesTheNextWaitShortAgain() {
        var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
        var generator = Constant(number: 0)
        #expect(backoff.isFresh)
        for _ in 0..<10 { _ = backoff.next(using: &generator) }
        #expect(!backoff.isFresh)
        backoff.reset()
        #expect(backoff.isFresh)
        #expect(backoff.next(using: &generator) == .milliseconds(25))
    }
}
