import Logging
import SaleCore
import ServerAssembly

/// Makes one line of each event, and leaves it to a writer: whoever logs never waits for whoever
/// reads.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let writer: LogWriter

    init(label: String, level: Logger.Level, writer: LogWriter) {
        self.label = label
        self.logLevel = level
        self.writer = writer
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        writer.append(LogLine(time: .now, level: event.level, label: label, message: event.message.description, fields: fields))
    }
}
