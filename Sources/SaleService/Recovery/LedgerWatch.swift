import ServiceLifecycle

/// Looks whether Postgres takes writes, and learns from the other nodes whether it has a successor, twice a second.
package struct LedgerWatch: Service {
    private static let interval = Duration.milliseconds(500)

    private let reader: any OrderReader
    private let timelines: TimelineShare
    private let admission: Admission
    private let metrics: ServiceMetrics
    private let outage: Outage
    private let runtime: Runtime

    package init(
        reader: any OrderReader, timelines: TimelineShare, admission: Admission, metrics: ServiceMetrics, outage: Outage, runtime: Runtime
    ) {
        self.reader = reader
        self.timelines = timelines
        self.admission = admission
        self.metrics = metrics
        self.outage = outage
        self.runtime = runtime
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                metrics.sampled(queueAge: admission.commitAge(at: runtime.now()) ?? 0)
                // Without Redis nothing is sold.
                try? await timelines.share()
                metrics.sampled(timelines: timelines.known)
                let failure = await reader.ping()
                if !Task.isCancelled { outage.note(failure, by: .watch) }
                try? await runtime.sleep(Self.interval)
            }
        }
    }
}

/// Tells the other nodes, through Redis, of the newest timelines that this process saw, and hears of theirs.
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
