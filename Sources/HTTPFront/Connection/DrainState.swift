import Synchronization

/// Whether the service has been told to stop. Known to every connection and to both ports' health.
package final class DrainState: Sendable {
    private let announced = Atomic<Bool>(false)

    package init() {}

    /// From now on every answer is the last of its connection, and the service is not ready;
    /// requests are still served.
    package func announce() { announced.store(true, ordering: .releasing) }

    package var isAnnounced: Bool { announced.load(ordering: .acquiring) }
}
