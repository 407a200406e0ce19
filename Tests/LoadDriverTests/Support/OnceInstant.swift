import NIOCore
import Synchronization

/// Keeps the first instant that it is given.
final class OnceInstant: Sendable {
    private let instant = Mutex<NIODeadline?>(nil)

    func set(_ now: NIODeadline) -> NIODeadline {
        instant.withLock { instant in
            let first = instant ?? now
            instant = first
            return first
        }
    }
}
