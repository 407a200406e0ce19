package import Foundation

/// Writes `report.json` and `report.md`, and keeps the logs of failed trials beside them.
package struct ReportFolder: Sendable {
    package let path: String

    package init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    package func write(_ report: FaultReport) throws {
        try Self.json(report).write(to: URL(filePath: "\(path)/report.json"))
        try Data(MarkdownReport.text(report).utf8).write(to: URL(filePath: "\(path)/report.md"))
    }

    package static func json(_ report: FaultReport) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(report) + Data("\n".utf8)
    }

    /// Copies every `.log` below `directory`.
    func keepLogs(of directory: String, as name: String) {
        let files = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []
        let target = "\(path)/logs/\(name)"
        try? FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for file in files where file.hasSuffix(".log") {
            try? FileManager.default.copyItem(atPath: "\(directory)/\(file)", toPath: "\(target)/\(file.replacing("/", with: "-"))")
        }
    }
}
