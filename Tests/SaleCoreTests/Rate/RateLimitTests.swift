import SaleCore
import Testing

@Suite struct RateLimitTests {
    @Test(arguments: [(1, 1), (5, 10), (10_000_000, 10_000_000), (1, 86_400), (3, 259_200)])
    func positiveLimitsAreAllowed(rate: Int, burst: Int) {
        #expect(RateLimit(rate: rate, burst: burst) != nil)
    }

    @Test(arguments: [(0, 1), (1, 0), (-1, 1), (1, -1), (10_000_001, 1), (1, 10_000_001), (1, 86_401), (10, 864_001)])
    func otherLimitsAreRefused(rate: Int, burst: Int) {
        #expect(RateLimit(rate: rate, burst: burst) == nil)
    }

    @Test(arguments: [(1, 1_000_000_000), (5, 200_000_000), (3, 333_333_334), (7_000_000, 143), (10_000_000, 100)] as [(Int, UInt64)])
    func intervalIsRoundedUpSoThatTheRateIsNeverExceeded(rate: Int, interval: UInt64) {
        #expect(RateLimit(rate: rate, burst: 1)?.emissionInterval == interval)
    }

    @Test(arguments: [(5, 10, 2), (50, 100, 2), (20_000, 20_000, 1), (3, 10, 4), (10, 1, 1)])
    func windowIsTheWholeSecondsOfARefill(rate: Int, burst: Int, seconds: Int) {
        #expect(RateLimit(rate: rate, burst: burst)?.windowSeconds == seconds)
    }
}
