import BenchModel
import Foundation
import Glibc
import LoadSupport

/// The machine's CPU accounts at one moment.
struct Reading {
    private let times: CPUTimes
    private let tree: ProcessTree

    static func take() throws -> Reading {
        guard let stat = try? String(contentsOfFile: "/proc/stat", encoding: .utf8), let times = CPUTimes(stat: stat) else {
            throw BenchFailure("/proc/stat cannot be read")
        }
        return Reading(times: times, tree: ProcessTree.read())
    }

    /// CPU of `pid` and its descendants since `earlier`, in microseconds.
    func microseconds(of pid: Int32, since earlier: Reading) -> Double {
        let (before, after) = (earlier.tree.ticks(of: pid), tree.ticks(of: pid))
        return ProcessStat.seconds(ofTicks: after > before ? after - before : 0) * 1e6
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
