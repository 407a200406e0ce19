import SaleCore
import Testing

@Suite struct MonotonicInstantTests {
    private let instant = MonotonicInstant(nanoseconds: 5)

    @Test func `what was added lies between two instants`() {
        #expect(instant.duration(to: instant.advanced(by: 7)) == 7)
        #expect(instant < instant.advanced(by: 1) && instant.advanced(by: 0) == instant)
    }

    /// Readings of two threads may come in either order: nobody may trap on it, or take it for five
    /// centuries.
    @Test func `to an earlier instant there is no time`() {
        #expect(instant.advanced(by: 7).duration(to: instant) == 0)
        #expect(instant.duration(to: .earliest) == 0)
    }
}
