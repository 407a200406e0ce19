/// Looks whether Postgres takes writes, and learns from the other nodes whether it has a successor.
struct LedgerWatch: Sendable {
    private let reader: any OrderReader
    private let timelines: TimelineShare
    private let admission: Admission
    private let outage: Outage
    private let context: ServiceContext

    init(reader: any OrderReader, timelines: TimelineShare, admission: Admission, outage: Outage, _ context: ServiceContext) {
        self.reader = reader
        self.timelines = timelines
        self.admission = admission
        self.outage = outage
        self.context = context
    }

    func look() async {
        context.metrics.sampled(queueAge: admission.commitAge(at: context.runtime.now()) ?? 0)
        // Without Redis nothing is sold.
        try? await timelines.share()
        context.metrics.sampled(timelines: timelines.known)
        let failure = await reader.ping()
        if !Task.isCancelled { outage.note(failure, by: .watch) }
    }
}

/// Tells the other nodes, through Redis, of the newest timelines that this process saw, and hears
/// of theirs.
package struct TimelineShare: Sendable {
    private let memory: any TimelineMemory
    private let store: any TimelineStore

    package init(memory: any TimelineMemory, store: any TimelineStore) {
        self.memory = memory
        self.store = store
    }

    var known: [LedgerTimeline] { memory.all }

    package func share() async throws(StoreError) {
        for timeline in try await store.share(memory.all) { memory.note(timeline) }
    }
}
