import Synchronization

/// The newest catalog, for readers that are not on a purchase lane.
package final class CatalogStore: Sendable {
    private let newest = Mutex<CatalogSnapshot?>(nil)
    private let readers = Mutex<[@Sendable (CatalogSnapshot) -> Void]>([])

    package init() {}

    /// From now on `tell` is told each reading, by one caller at a time, before `snapshot` has it.
    package func onReading(_ tell: @escaping @Sendable (CatalogSnapshot) -> Void) {
        readers.withLock { $0.append(tell) }
    }

    /// `nil` until the first reading.
    package var snapshot: CatalogSnapshot? { newest.withLock { $0 } }

    func publish(_ snapshot: CatalogSnapshot) {
        for tell in readers.withLock({ $0 }) { tell(snapshot) }
        newest.withLock { $0 = snapshot }
    }
}
