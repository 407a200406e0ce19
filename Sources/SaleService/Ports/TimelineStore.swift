/// One history of a Postgres. A promotion begins the next one, by a higher number, in the same
/// cluster.
package struct LedgerTimeline: Sendable, Hashable {
    /// Postgres's `system_identifier`, equal for a primary and its standbys.
    package var cluster: Int64
    package var number: Int64

    package init(cluster: Int64, number: Int64) {
        self.cluster = cluster
        self.number = number
    }
}

/// The newest timelines that this process knows of.
package protocol TimelineMemory: Sendable {
    var all: [LedgerTimeline] { get }

    /// From now on nothing is told to, and nothing believed of, a Postgres on an older timeline of
    /// the same cluster.
    func note(_ timeline: LedgerTimeline)
}

/// Where nodes tell each other of timelines.
package protocol TimelineStore: Sendable {
    /// Keeps the newest of each cluster.
    ///
    /// - Returns: the newest of each of these clusters, whoever saw it.
    func share(_ seen: [LedgerTimeline]) async throws(StoreError) -> [LedgerTimeline]
}
