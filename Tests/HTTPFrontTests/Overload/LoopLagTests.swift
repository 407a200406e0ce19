import Testing

@testable import HTTPFront

@Suite struct LoopLagTests {
    @Test func aTickInTimeIsNoLag() {
        var lag = LoopLag(interval: 50, now: 100)
        #expect(lag.dueAt == 150)
        #expect(lag.tick(at: 150) == 0)
        #expect(lag.dueAt == 200)
        #expect(lag.nanoseconds(at: 190) == 0)
    }

    @Test func aLateTickCountsUntilTheNext() {
        var lag = LoopLag(interval: 50, now: 100)
        #expect(lag.tick(at: 450) == 300)
        #expect(lag.nanoseconds(at: 460) == 300)
        #expect(lag.tick(at: 500) == 0)
        #expect(lag.nanoseconds(at: 510) == 0)
    }

    /// The loop is held up right now, and the tick that would say so is held up with it.
    @Test func aTickThatDoesNotComeCountsBeforeItComes() {
        let lag = LoopLag(interval: 50, now: 100)
        #expect(lag.nanoseconds(at: 550) == 400)
    }
}
