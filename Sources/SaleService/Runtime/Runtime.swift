import NIOCore
package import SaleCore

/// What the service takes from the machine that it runs on: time, waiting and chance. The
/// simulation supplies its own, so that a seed replays a run.
package struct Runtime: Sendable {
    package let now: @Sendable () -> MonotonicInstant
    /// Returns after the duration, or throws `CancellationError` as soon as the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void
    package let random: @Sendable () -> UInt64

    package init(
        now: @escaping @Sendable () -> MonotonicInstant, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The machine itself.
    package static let system = Runtime(
        now: monotonicNow, sleep: { try await Task.sleep(for: $0) },
        random: {
            var generator = SystemRandomNumberGenerator()
            return generator.next()
        })
}

/// `Runtime.random` where the standard library wants a generator.
struct RuntimeRandom: RandomNumberGenerator, Sendable {
    let runtime: Runtime

    mutating func next() -> UInt64 { runtime.random() }
}

/// What the machine's monotonic clock shows, which is what event loops go by.
package func monotonicNow() -> MonotonicInstant { MonotonicInstant(nanoseconds: NIODeadline.now().uptimeNanoseconds) }

extension Duration {
    /// Whole nanoseconds; negative durations count as none.
    package var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
    }
}
