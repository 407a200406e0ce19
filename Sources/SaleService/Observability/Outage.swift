package import Logging
import Synchronization

/// Tells of an outage of Postgres once, when it begins and when it is over, whoever notices and
/// however often it is tried again.
package final class Outage: Sendable {
    package enum Witness: Hashable, Sendable {
        case writer(Int)
        case watch
    }

    private let suffering = Mutex<Set<Witness>>([])
    private let logger: Logger

    package init(logger: Logger) {
        self.logger = logger
    }

    /// What came of the last try of `witness`.
    package func note(_ error: JournalError?, by witness: Witness) {
        let (was, isNow) = suffering.withLock { suffering in
            let was = !suffering.isEmpty
            if error != nil { suffering.insert(witness) } else { suffering.remove(witness) }
            return (was, !suffering.isEmpty)
        }
        if let error, !was {
            logger.error("Postgres confirms no orders", metadata: [LogKey.error: "\(error)"])
        } else if was, !isNow {
            logger.notice("Postgres confirms orders again")
        }
    }
}
