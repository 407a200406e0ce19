import Synchronization

/// The newest catalog, for readers that are not on a purchase lane.
package final class CatalogStore: Sendable {
    private let newest = Mutex<CatalogSnapshot?>(nil)

    package init() {}

    /// `nil` until the first reading.
    package var snapshot: CatalogSnapshot? { newest.withLock { $0 } }

    func publish(_ snapshot: CatalogSnapshot) {
        newest.withLock { $0 = snapshot }
    }
}
