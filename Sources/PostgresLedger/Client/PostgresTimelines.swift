package import SaleService
import Synchronization

/// The newest timelines that this process has seen. A promotion begins a new one, so an old primary
/// that comes back stands on an older one than its successor.
package final class PostgresTimelines: TimelineMemory {
    /// Sessions come and go; what one of them saw must hold for all.
    package static let seen = PostgresTimelines()

    private let newest = Mutex<[Int64: Int64]>([:])

    package init() {}

    /// Sorted by cluster.
    package var all: [LedgerTimeline] {
        newest.withLock { $0.map { LedgerTimeline(cluster: $0.key, number: $0.value) } }.sorted { $0.cluster < $1.cluster }
    }

    package func note(_ timeline: LedgerTimeline) {
        newest.withLock { $0[timeline.cluster] = max(timeline.number, $0[timeline.cluster] ?? 0) }
    }

    /// The number of the newest timeline of the same cluster, if it is newer.
    func successor(of timeline: LedgerTimeline) -> Int64? {
        newest.withLock { $0[timeline.cluster] }.flatMap { $0 > timeline.number ? $0 : nil }
    }
}
