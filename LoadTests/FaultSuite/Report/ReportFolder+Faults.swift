import Foundation
package import LoadSupport

extension ReportFolder {
    /// Writes `report.json` and `report.md`.
    package func write(_ report: FaultReport) throws {
        try writeJSON(report, to: "report.json")
        try write(MarkdownReport.text(report), to: "report.md")
    }

    /// Copies every `.log` below `directory`, beside the report.
    func keepLogs(of directory: String, as name: String) {
        let files = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []
        let target = "\(path)/logs/\(name)"
        try? FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for file in files where file.hasSuffix(".log") {
            try? FileManager.default.copyItem(atPath: "\(directory)/\(file)", toPath: "\(target)/\(file.replacing("/", with: "-"))")
        }
    }
}
