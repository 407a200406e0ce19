import Foundation
import Glibc

/// What one process uses, out of `/proc`.
struct ProcessFigures: Sendable, Equatable {
    var residentBytes: Int
    var descriptors: Int
    /// User and system time.
    var cpuSeconds: Double

    /// `nil` when there is no such process.
    static func read(pid: Int32) -> ProcessFigures? {
        guard
            let memory = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let nameEnd = line.lastIndex(of: ")")
        else { return nil }
        // proc(5): the second field of `statm` is resident pages; `utime` and `stime` of `stat` are the 12th and 13th after the name.
        let pages = memory.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let fields = line[line.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 12 else { return nil }
        let ticks = fields[11...12].compactMap { Double($0) }.reduce(0, +)
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count ?? 0
        return ProcessFigures(
            residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)), descriptors: descriptors, cpuSeconds: ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}
