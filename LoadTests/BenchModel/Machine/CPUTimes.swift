/// How all cores together spent their time since the machine started, in clock ticks: the first
/// line of `/proc/stat`, proc(5).
package struct CPUTimes: Sendable, Equatable {
    /// Work of processes and of the kernel for them.
    package var busy: UInt64
    /// What another guest of the same host had instead of us.
    package var stolen: UInt64
    /// All of it, idle time included.
    package var total: UInt64

    package init(busy: UInt64, stolen: UInt64, total: UInt64) {
        self.busy = busy
        self.stolen = stolen
        self.total = total
    }

    /// `nil` when it is not such a file.
    package init?(stat: String) {
        guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        // user nice system idle iowait irq softirq steal; what follows is contained in user and
        // nice.
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard ticks.count == 8 else { return nil }
        // Interrupts are left out: they are the network's work, and a kernel may or may not count
        // it to a process, too.
        self.init(busy: ticks[0] + ticks[1] + ticks[2], stolen: ticks[7], total: ticks.reduce(0, +))
    }
}
