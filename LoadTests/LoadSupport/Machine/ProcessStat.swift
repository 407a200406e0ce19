import Foundation
import Glibc

/// One process, as `/proc/PID/stat` tells it; proc(5).
package struct ProcessStat: Sendable, Equatable {
    package var pid: Int32
    package var parent: Int32
    /// Clock ticks on a core.
    package var ownTicks: UInt64
    /// Those of its children that ended and were waited for.
    package var childTicks: UInt64

    package init(pid: Int32, parent: Int32, ownTicks: UInt64, childTicks: UInt64 = 0) {
        self.pid = pid
        self.parent = parent
        self.ownTicks = ownTicks
        self.childTicks = childTicks
    }

    /// `nil` when it is not such a file.
    package init?(stat: String) {
        // The name in parentheses may hold anything, so fields are counted from its last
        // parenthesis: state is 0, ppid 1, utime to cstime 11 to 14.
        guard
            let pid = stat.split(separator: " ").first.flatMap({ Int32($0) }), let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count >= 15, let parent = Int32(fields[1]) else { return nil }
        let ticks = fields[11...14].compactMap { UInt64($0) }
        guard ticks.count == 4 else { return nil }
        self.init(pid: pid, parent: parent, ownTicks: ticks[0] + ticks[1], childTicks: ticks[2] + ticks[3])
    }

    /// `nil` when there is no such process.
    package static func read(_ pid: Int32) -> ProcessStat? {
        (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)).flatMap { ProcessStat(stat: $0) }
    }

    package var ticks: UInt64 { ownTicks + childTicks }

    package static func seconds(ofTicks ticks: UInt64) -> Double {
        Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
