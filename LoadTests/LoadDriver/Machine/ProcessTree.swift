import Foundation
import LoadModel

/// A process that the operator wants to see in the report.
struct NamedProcess: Sendable, Equatable {
    var name: String
    var pid: Int32
}

/// CPU times and memory out of `/proc`. A process counts with all its descendants, and with those that died and were waited for, as Postgres and shells do with
/// theirs; a descendant whose end nobody waited for is lost.
enum ProcessTree {
    private struct Entry {
        var parent: Int32
        /// Clock ticks: its own and those of its dead children.
        var ticks: UInt64
    }

    /// One reading per process that exists.
    static func read(_ processes: [NamedProcess]) -> [ProcessReading] {
        let entries = readAll()
        var children: [Int32: [Int32]] = [:]
        for (pid, entry) in entries { children[entry.parent, default: []].append(pid) }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        return processes.compactMap { process in
            guard entries[process.pid] != nil else { return nil }
            var ticks: UInt64 = 0
            var bytes: UInt64 = 0
            var frontier = [process.pid]
            while let pid = frontier.popLast() {
                ticks += entries[pid]?.ticks ?? 0
                bytes += residentBytes(of: pid, countsShared: pid == process.pid)
                frontier += children[pid] ?? []
            }
            return ProcessReading(name: process.name, cpuSeconds: Double(ticks) / ticksPerSecond, residentBytes: bytes)
        }
    }

    static func exists(_ pid: Int32) -> Bool { entry(of: pid) != nil }

    private static func readAll() -> [Int32: Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var entries: [Int32: Entry] = [:]
        for pid in names.compactMap({ Int32($0) }) { entries[pid] = entry(of: pid) }
        return entries
    }

    /// proc(5): `ppid` is field 4, `utime`, `stime`, `cutime` and `cstime` are 14 to 17; the name in field 2 may hold anything, so fields are counted
    /// from its last parenthesis.
    private static func entry(of pid: Int32) -> Entry? {
        guard
            let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        guard fields.count >= 15, let parent = Int32(fields[1]) else { return nil }
        let ticks = fields[11...14].compactMap { UInt64($0) }.reduce(0, +)
        return Entry(parent: parent, ticks: ticks)
    }

    /// proc(5), `statm`: pages of the program, resident ones, and those of them that are backed by files or shared.
    private static func residentBytes(of pid: Int32, countsShared: Bool) -> UInt64 {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").prefix(3).compactMap { UInt64($0) }
        guard pages.count == 3 else { return 0 }
        return (pages[1] - (countsShared ? 0 : min(pages[1], pages[2]))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
