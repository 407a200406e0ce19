import ServiceLifecycle
import Synchronization

/// What the purchase lanes have others ask Postgres for, since nobody waits on an event loop:
/// purchases to abandon, answers to look up. Each runs as a task of this service, which ends once
/// all have ended: the loops to which they bring their answers outlive them.
final class LaneErrands: Service {
    typealias Errand = @Sendable () async -> Void

    private let begun: AsyncStream<Errand>
    private let feed: AsyncStream<Errand>.Continuation
    /// Those in the stream included, which therefore needs no bound of its own.
    private let underWay = Atomic<Int>(0)

    private let limit: Int

    /// - Parameter limit: how many may be under way.
    init(limit: Int = Limits.laneErrandsMax) {
        self.limit = limit
        (begun, feed) = AsyncStream.makeStream()
    }

    /// Begins `errand`; `false` when too many are under way, or when the service has stopped.
    func begin(_ errand: @escaping Errand) -> Bool {
        let others = underWay.wrappingAdd(1, ordering: .relaxed).oldValue
        if others < limit, case .enqueued = feed.yield(errand) { return true }
        underWay.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    /// Graceful shutdown takes no more and awaits those under way; cancellation cancels them.
    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { tasks in
                for await errand in begun {
                    tasks.addTask {
                        await errand()
                        self.underWay.wrappingSubtract(1, ordering: .relaxed)
                    }
                }
            }
        } onGracefulShutdown: {
            self.feed.finish()
        }
    }
}
