import LoadModel
import LoadSupport

/// A process that the operator wants to see in the report.
struct NamedProcess: Sendable, Equatable {
    var name: String
    var pid: Int32
}

extension ProcessReading {
    /// One reading per process that exists. A process counts with all its descendants, and with
    /// those that died and were waited for, as Postgres and shells do with theirs.
    static func take(of processes: [NamedProcess]) -> [ProcessReading] {
        let tree = ProcessTree.read()
        return processes.filter { tree.contains($0.pid) }.map { process in
            ProcessReading(
                name: process.name, cpuSeconds: ProcessStat.seconds(ofTicks: tree.ticks(of: process.pid)),
                residentBytes: tree.members(of: process.pid).reduce(0) {
                    $0 + ProcessMemory.resident(of: $1, countsShared: $1 == process.pid)
                })
        }
    }
}
