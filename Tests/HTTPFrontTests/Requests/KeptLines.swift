import Logging
import Synchronization

/// Keeps what is logged: per line its message, under "message", and its metadata.
final class KeptLines: Sendable {
    private let kept = Mutex<[[String: String]]>([])

    var all: [[String: String]] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: KeptLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

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
