/// What a run tells the shell.
package enum RunExit: Int32, Sendable, Codable {
    case ok = 0
    case usage = 2
    /// The generator could not keep its schedule, so its latencies say nothing.
    case schedule = 3
    case unreachable = 4
    /// A threshold or an invariant failed.
    case failed = 99
    case interrupted = 130

    /// A broken invariant is broken whatever the schedule was; a missed threshold means something
    /// only when the schedule was kept.
    package init(isInterrupted: Bool, isScheduleKept: Bool, invariants: [Finding], thresholds: [Finding]) {
        self =
            if isInterrupted {
                .interrupted
            } else if !invariants.allSatisfy(\.passed) {
                .failed
            } else if !isScheduleKept {
                .schedule
            } else {
                thresholds.allSatisfy(\.passed) ? .ok : .failed
            }
    }
}
