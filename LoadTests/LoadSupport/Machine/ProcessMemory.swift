import Foundation
import Glibc

/// Memory of a process, in bytes; 0 when there is no such process.
package enum ProcessMemory {
    /// On the machine, from `statm` of proc(5): pages of the program, resident ones, and those of
    /// them that are backed by files or shared.
    package static func resident(of pid: Int32, countsShared: Bool = true) -> UInt64 {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").prefix(3).compactMap { UInt64($0) }
        guard pages.count == 3 else { return 0 }
        return (pages[1] - (countsShared ? 0 : min(pages[1], pages[2]))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Most that it ever had on the machine: `VmHWM`, proc(5).
    package static func residentMax(of pid: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
    }
}
