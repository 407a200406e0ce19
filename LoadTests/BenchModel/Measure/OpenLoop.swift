/// What `seckill-load rush` says of purchases that arrived at one rate, in microseconds from the
/// intended instant.
package struct OpenLoop: Sendable, Equatable, Codable {
    package var offeredPerSecond: Double
    package var committed: Int
    /// Whatever was not committed.
    package var others: Int
    package var p50: Int
    package var p99: Int
    package var max: Int
    /// The generator kept its schedule; otherwise its latencies are its own.
    package var isScheduleKept: Bool

    package init(offeredPerSecond: Double, committed: Int, others: Int, p50: Int, p99: Int, max: Int, isScheduleKept: Bool) {
        self.offeredPerSecond = offeredPerSecond
        self.committed = committed
        self.others = others
        self.p50 = p50
        self.p99 = p99
        self.max = max
        self.isScheduleKept = isScheduleKept
    }
}
