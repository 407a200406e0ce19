import Synchronization

/// Items of which it was seen that they count their users, so that a batch of theirs need not fail
/// first. A hint: each statement looks for itself.
package final class CountingItems: Sendable {
    private let items = Mutex<Set<ItemKey>>([])
    /// More than are ever on sale at once; beyond, all are forgotten.
    private static let countMax = 4_096

    package init() {}

    func contains(_ item: ItemKey) -> Bool {
        items.withLock { $0.contains(item) }
    }

    func note(_ item: ItemKey, counts: Bool) {
        items.withLock { items in
            guard counts else { return _ = items.remove(item) }
            if items.count >= Self.countMax { items.removeAll() }
            items.insert(item)
        }
    }
}
