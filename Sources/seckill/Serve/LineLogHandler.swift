import Foundation
import Glibc
import Logging
import SaleCore
import ServerAssembly

/// Writes one line per event, whole, so that lines of several threads never mix.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: LogFormat
    private let handle: Int32
    private let label: String

    /// - Parameter handle: an open file descriptor that stays open.
    init(label: String, level: Logger.Level, format: LogFormat, handle: Int32) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.handle = handle
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let text =
            switch format {
            case .text: Self.text(event, fields)
            case .json: Self.json(event, fields, label: label)
            }
        let bytes = Array(text.utf8)
        // A full disk must not stop the service.
        _ = bytes.withUnsafeBytes { write(handle, $0.baseAddress, $0.count) }
    }

    private static func text(_ event: LogEvent, _ fields: [(String, String)]) -> String {
        let level = event.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
        let shown = fields.map { " \($0)=\($1.contains { $0.isWhitespace || $0 == "\"" } ? quoted($1) : $1)" }.joined()
        return "\(Timestamp.now) \(level)\(padding) \(event.message.description.replacing("\n", with: "\\n"))\(shown)\n"
    }

    private static func json(_ event: LogEvent, _ fields: [(String, String)], label: String) -> String {
        var line =
            "{\"time\":\"\(Timestamp.now)\",\"level\":\"\(event.level)\",\"logger\":\(quoted(label)),\"message\":\(quoted(event.message.description))"
        for (key, value) in fields { line += ",\(quoted(key)):\(quoted(value))" }
        return line + "}\n"
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
