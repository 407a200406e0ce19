/// How late an event loop runs what is due: the one sign of overload that does not depend on where the time goes. Reads no clock; times are nanoseconds.
struct LoopLag {
    private let interval: UInt64
    /// When the next tick should run.
    private(set) var dueAt: UInt64
    private var latest: UInt64 = 0

    init(interval: UInt64, now: UInt64) {
        self.interval = interval
        dueAt = now + interval
    }

    /// The tick that was due has run; returns how late it was.
    mutating func tick(at now: UInt64) -> UInt64 {
        latest = now > dueAt ? now - dueAt : 0
        dueAt = now + interval
        return latest
    }

    /// The lateness of the last tick, or of the next when that is overdue by more.
    func nanoseconds(at now: UInt64) -> UInt64 {
        max(latest, now > dueAt ? now - dueAt : 0)
    }
}
