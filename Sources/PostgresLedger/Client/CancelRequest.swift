import CLibpq
import Dispatch

/// Asks Postgres to end what a connection is waiting for, over a connection of its own. Whoever
/// gives an answer up does so: the server's process would otherwise wait on, for ever behind a
/// synchronous standby that is away, and with each repetition there would be one more.
///
/// The outcome is unknown as it was before: a COMMIT that no longer waits for its standby has
/// committed.
final class CancelRequest: Sendable {
    /// `PGcancel *`. "PQcancel is safe to call from any thread": it only reads the structure.
    private let address: UInt

    init?(for connection: OpaquePointer) {
        guard let cancel = unsafe PQgetCancel(connection) else { return nil }
        address = UInt(bitPattern: cancel)
    }

    deinit {
        unsafe PQfreeCancel(OpaquePointer(bitPattern: address))
    }

    /// One after the other on a thread of their own: each connects, and a server that hangs lets it
    /// wait.
    private static let queue = DispatchQueue(label: "seckill.postgres.cancel", qos: .utility)

    func send() {
        Self.queue.async {
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
                _ = unsafe PQcancel(OpaquePointer(bitPattern: self.address), message.baseAddress, Int32(message.count))
            }
        }
    }
}
