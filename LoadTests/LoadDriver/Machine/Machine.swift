import Foundation
import LoadModel

extension RunReport.Machine {
    /// The machine that the generator runs on.
    static var current: RunReport.Machine {
        let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return RunReport.Machine(
            cpuModel: model.flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            kernel: "Linux " + kernel.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
