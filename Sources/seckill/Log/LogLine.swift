import Logging
import SaleCore
import SaleService
import ServerAssembly

/// One event as it is told.
struct LogLine: Sendable, Equatable {
    var time: Timestamp
    var level: Logger.Level
    var label: String
    var message: String
    var fields: [String: String] = [:]

    /// Ends with a line feed, the only one in it.
    func text(_ format: LogFormat) -> String {
        switch format {
        case .text: plainText
        case .json: json
        }
    }

    private var plainText: String {
        let level = level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
        let shown = sortedFields.map { " \($0)=\($1.contains { $0.isWhitespace || $0 == "\"" } ? Self.quoted($1) : $1)" }.joined()
        return "\(time) \(level)\(padding) \(message.replacing("\n", with: "\\n"))\(shown)\n"
    }

    private var json: String {
        var line =
            "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"logger\":\(Self.quoted(label)),\"message\":\(Self.quoted(message))"
        for (key, value) in sortedFields { line += ",\(Self.quoted(key)):\(Self.quoted(value))" }
        return line + "}\n"
    }

    private var sortedFields: [(key: String, value: String)] { fields.sorted { $0.key < $1.key } }

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
