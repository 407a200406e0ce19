import BenchModel
import Foundation
import Glibc

/// The machine's CPU accounts at one moment.
struct Reading {
    private let times: CPUTimes
    private let tree: ProcessTree

    static func take() throws -> Reading {
        guard let stat = try? String(contentsOfFile: "/proc/stat", encoding: .utf8), let times = CPUTimes(stat: stat) else {
            throw BenchFailure("/proc/stat cannot be read")
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let processes = names.compactMap { Int32($0) }.compactMap { pid in
            (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)).flatMap { ProcessStat(stat: $0) }
        }
        return Reading(times: times, tree: ProcessTree(processes))
    }

    /// CPU of `pid` and its descendants since `earlier`, in microseconds.
    func microseconds(of pid: Int32, since earlier: Reading) -> Double {
        let (before, after) = (earlier.tree.ticks(of: pid), tree.ticks(of: pid))
        return Double(after > before ? after - before : 0) * 1e6 / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// All our servers and clients are our descendants.
    func disturbance(since earlier: Reading) -> Disturbance {
        func difference(_ ticks: (ProcessTree) -> UInt64) -> UInt64 {
            let (before, after) = (ticks(earlier.tree), ticks(tree))
            return after > before ? after - before : 0
        }
        return Disturbance(
            from: earlier.times, to: times, ownTicks: difference { $0.ticks(of: getpid()) },
            otherTicks: difference { $0.ticksOfOthers(than: getpid()) })
    }
}
