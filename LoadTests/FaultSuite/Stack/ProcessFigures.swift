import Foundation
import LoadSupport

/// What one process uses, without its children.
struct ProcessFigures: Sendable, Equatable {
    var residentBytes: Int
    var descriptors: Int
    /// User and system time.
    var cpuSeconds: Double

    /// `nil` when there is no such process.
    static func read(pid: Int32) -> ProcessFigures? {
        guard let stat = ProcessStat.read(pid) else { return nil }
        return ProcessFigures(
            residentBytes: Int(ProcessMemory.resident(of: pid)),
            descriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count ?? 0,
            cpuSeconds: ProcessStat.seconds(ofTicks: stat.ownTicks))
    }
}
