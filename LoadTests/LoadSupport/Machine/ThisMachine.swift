import Foundation

/// What a figure is worth little without.
package enum ThisMachine {
    package static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    package static var cpuModel: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line.flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU"
    }

    package static var kernel: String {
        let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        return "Linux " + release.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
