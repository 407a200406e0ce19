import Testing

@testable import SaleService
@testable import Simulation

@Suite struct AsyncSignalTests {
    private let bed = TestBed()

    /// How long a wait of at most a second lasts, in milliseconds of virtual time.
    private func wait(for signal: AsyncSignal) throws -> UInt64 {
        let start = bed.scheduler.now
        try bed.result { await signal.wait(atMost: .seconds(1)) }
        return (bed.scheduler.now - start) / 1_000_000
    }

    @Test func `a ring wakes whoever waits`() throws {
        let signal = AsyncSignal(runtime: bed.context.runtime)
        bed.scheduler.after(300_000_000) { signal.ring() }
        let waited = try wait(for: signal)
        #expect(waited == 300)
    }

    @Test func `a ring that nobody waits for is heard by the next, and once`() throws {
        let signal = AsyncSignal(runtime: bed.context.runtime)
        signal.ring()
        signal.ring()
        let (first, second) = (try wait(for: signal), try wait(for: signal))
        #expect(first == 0 && second == 1_000)
    }

    @Test func `a ring that is silenced is heard by nobody`() throws {
        let signal = AsyncSignal(runtime: bed.context.runtime)
        signal.ring()
        signal.silence()
        let waited = try wait(for: signal)
        #expect(waited == 1_000)
    }
}
