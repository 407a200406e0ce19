import Foundation

/// All processes at one moment.
package struct ProcessTree: Sendable {
    private let processes: [Int32: ProcessStat]
    private let children: [Int32: [Int32]]

    package init(_ processes: [ProcessStat]) {
        self.processes = Dictionary(processes.map { ($0.pid, $0) }) { first, _ in first }
        children = Dictionary(grouping: processes, by: \.parent).mapValues { $0.map(\.pid) }
    }

    /// Of `/proc`.
    package static func read() -> ProcessTree {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return ProcessTree(names.compactMap { Int32($0) }.compactMap(ProcessStat.read))
    }

    package func contains(_ pid: Int32) -> Bool { processes[pid] != nil }

    /// What `root` and its descendants have used; a descendant whose end nobody waited for is lost.
    package func ticks(of root: Int32) -> UInt64 {
        members(of: root).reduce(0) { $0 + (processes[$1]?.ticks ?? 0) }
    }

    /// What all processes but `root` and its descendants have used. The kernel's own threads do not
    /// count: they work for whoever asks.
    package func ticksOfOthers(than root: Int32) -> UInt64 {
        // Where it can be seen at all: in a container, process 2 is an ordinary one.
        let hasKernelThreads = processes[2]?.parent == 0
        let excluded = members(of: root).union(hasKernelThreads ? members(of: 2) : [])
        return processes.values.reduce(0) { $0 + (excluded.contains($1.pid) ? 0 : $1.ticks) }
    }

    /// `root` and its descendants.
    package func members(of root: Int32) -> Set<Int32> {
        var members: Set<Int32> = []
        var frontier = [root]
        while let pid = frontier.popLast() {
            if members.insert(pid).inserted { frontier += children[pid] ?? [] }
        }
        return members
    }
}
