import Logging
import SaleService
import Synchronization

/// Keeps the lines of a log that name an order and a request: the message and the order of each.
final class OrderLines: Sendable {
    private let kept = Mutex<[String]>([])

    var all: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: OrderLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard let order = event.metadata?[LogKey.order], metadata[LogKey.requestID] != nil else { return }
            lines.kept.withLock { $0.append("\(event.message) \(order)") }
        }
    }
}
