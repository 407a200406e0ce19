package import Logging
import Synchronization

/// Tells the log, once, that a trusted proxy says something that is no address: all buyers behind
/// it then share its bucket, and nothing else shows it.
package final class ForwardingWarning: Sendable {
    private let logger: Logger
    private let isTold = Atomic<Bool>(false)

    package init(logger: Logger) {
        self.logger = logger
    }

    package func unreadable(_ entry: String) {
        guard !isTold.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            "An X-Forwarded-For of a trusted proxy holds no address: those behind the proxy count as one address (told once)",
            metadata: [
                "entry": "\(String(entry.unicodeScalars.prefix(64).map { $0.isASCII && $0.value > 0x1F && $0.value != 0x7F ? Character($0) : "?" }))"
            ])
    }
}
