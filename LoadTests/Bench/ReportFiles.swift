import Foundation

/// What a run leaves behind.
enum ReportFiles {
    static func defaultDirectory(of kind: String) -> String {
        "reports/\(kind)-" + Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
    }

    /// Writes `<name>.json` and `<name>.md`.
    static func write(_ report: some Encodable, markdown: String, named name: String, to directory: String) throws {
        let folder = URL(filePath: directory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try (encoder.encode(report) + Data("\n".utf8)).write(to: folder.appending(path: "\(name).json"))
        try write(markdown, to: "\(directory)/\(name).md")
    }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}
