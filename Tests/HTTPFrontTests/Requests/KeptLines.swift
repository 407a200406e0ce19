import Logging
import Synchronization

/// Keeps what is logged: per line its message, under "message", and its metadata.
final class KeptLines: Sendable {
    private let level: Logger.Level
    private let kept = Mutex<[[String: String]]>([])

    var all: [[String: String]] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { [level] _ in Handler(lines: self, logLevel: level) } }

    init(_ level: Logger.Level = .info) {
        self.level = level
    }

    private struct Handler: LogHandler {
        let lines: KeptLines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var line = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
            line["message"] = "\(event.message)"
            lines.kept.withLock { $0.append(line) }
        }
    }
}
