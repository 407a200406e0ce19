/// One process, as `/proc/PID/stat` tells it; proc(5).
package struct ProcessStat: Sendable, Equatable {
    package var pid: Int32
    package var parent: Int32
    /// Clock ticks on a core: its own, and those of its children that ended and were waited for.
    package var ticks: UInt64

    package init(pid: Int32, parent: Int32, ticks: UInt64) {
        self.pid = pid
        self.parent = parent
        self.ticks = ticks
    }

    /// `nil` when it is not such a file.
    package init?(stat: String) {
        // The name in parentheses may hold anything, so fields are counted from its last parenthesis: state is 0, ppid 1, utime to cstime 11 to 14.
        guard
            let pid = stat.split(separator: " ").first.flatMap({ Int32($0) }), let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count >= 15, let parent = Int32(fields[1]) else { return nil }
        let ticks = fields[11...14].compactMap { UInt64($0) }
        guard ticks.count == 4 else { return nil }
        self.init(pid: pid, parent: parent, ticks: ticks.reduce(0, +))
    }
}

/// All processes at one moment.
package struct ProcessTree: Sendable {
    private let processes: [Int32: ProcessStat]
    private let children: [Int32: [Int32]]

    package init(_ processes: [ProcessStat]) {
        self.processes = Dictionary(processes.map { ($0.pid, $0) }) { first, _ in first }
        children = Dictionary(grouping: processes, by: \.parent).mapValues { $0.map(\.pid) }
    }

    /// What `root` and its descendants have used.
    package func ticks(of root: Int32) -> UInt64 {
        members(of: root).reduce(0) { $0 + (processes[$1]?.ticks ?? 0) }
    }

    /// What all processes but `root` and its descendants have used. The kernel's own threads do not count: they work for whoever asks.
    package func ticksOfOthers(than root: Int32) -> UInt64 {
        // Where it can be seen at all: in a container, process 2 is an ordinary one.
        let hasKernelThreads = processes[2]?.parent == 0
        let excluded = members(of: root).union(hasKernelThreads ? members(of: 2) : [])
        return processes.values.reduce(0) { $0 + (excluded.contains($1.pid) ? 0 : $1.ticks) }
    }

    private func members(of root: Int32) -> Set<Int32> {
        var members: Set<Int32> = []
        var frontier = [root]
        while let pid = frontier.popLast() {
            if members.insert(pid).inserted { frontier += children[pid] ?? [] }
        }
        return members
    }
}
