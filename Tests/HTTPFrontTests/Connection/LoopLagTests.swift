import SaleCore
import Testing

@testable import HTTPFront

@Suite struct LoopLagTests {
    private static func instant(_ nanoseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test func aTickInTimeIsNoLag() {
        var lag = LoopLag(interval: 50, now: Self.instant(100))
        #expect(lag.dueAt == Self.instant(150))
        #expect(lag.tick(at: Self.instant(150)) == 0)
        #expect(lag.dueAt == Self.instant(200))
        #expect(lag.nanoseconds(at: Self.instant(190)) == 0)
    }

    @Test func aLateTickCountsUntilTheNext() {
        var lag = LoopLag(interval: 50, now: Self.instant(100))
        #expect(lag.tick(at: Self.instant(450)) == 300)
        #expect(lag.nanoseconds(at: Self.instant(460)) == 300)
        #expect(lag.tick(at: Self.instant(500)) == 0)
        #expect(lag.nanoseconds(at: Self.instant(510)) == 0)
    }

    /// The loop is held up right now, and the tick that would say so is held up with it.
    @Test func aTickThatDoesNotComeCountsBeforeItComes() {
        let lag = LoopLag(interval: 50, now: Self.instant(100))
        #expect(lag.nanoseconds(at: Self.instant(550)) == 400)
    }
}
