import Foundation

/// The directory that a run leaves its report in.
package struct ReportFolder: Sendable {
    package let path: String

    /// Makes it, unless it is there.
    package init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// `reports/KIND-UTC`, where nobody names another.
    package static func standardPath(_ kind: String) -> String {
        "reports/\(kind)-" + Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
    }

    package func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    package func writeJSON(_ value: some Encodable, isPretty: Bool = true, to name: String) throws {
        try ReportJSON.data(value, isPretty: isPretty).write(to: URL(filePath: "\(path)/\(name)"))
    }

    /// Reads what a run left in `path`.
    package static func decode<Value: Decodable>(_ type: Value.Type, from name: String, in path: String) throws -> Value {
        try ReportJSON.decode(type, from: Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    }
}
