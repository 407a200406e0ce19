import SaleCore
import SaleService
import Testing

@Suite struct StockClockTests {
    @Test func timePassesWithTheMonotonicClockFromTheLastReading() {
        let clock = StockClock(reading: Timestamp(milliseconds: 1_700_000_000_000), at: MonotonicInstant(nanoseconds: 5_000_000_000))
        #expect(clock.time(at: MonotonicInstant(nanoseconds: 5_000_000_000)) == Timestamp(milliseconds: 1_700_000_000_000))
        #expect(clock.time(at: MonotonicInstant(nanoseconds: 7_500_000_000)) == Timestamp(milliseconds: 1_700_000_002_500))
    }
}
