import SaleCore

/// How late an event loop runs what is due: the one sign of overload that does not depend on where
/// the time goes. Reads no clock; durations are nanoseconds.
struct LoopLag {
    private let interval: UInt64
    /// When the next tick should run.
    private(set) var dueAt: MonotonicInstant
    private var latest: UInt64 = 0

    init(interval: UInt64, now: MonotonicInstant) {
        self.interval = interval
        dueAt = now.advanced(by: interval)
    }

    /// The tick that was due has run; returns how late it was.
    mutating func tick(at now: MonotonicInstant) -> UInt64 {
        latest = dueAt.duration(to: now)
        dueAt = now.advanced(by: interval)
        return latest
    }

    /// The lateness of the last tick, or of the next when that is overdue by more.
    func nanoseconds(at now: MonotonicInstant) -> UInt64 {
        max(latest, dueAt.duration(to: now))
    }
}
