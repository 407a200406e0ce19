import FlowControl
package import Logging
import SaleCore
import ServiceLifecycle

/// Takes all that is queued, commits it in one transaction, tells the lanes, and begins again; the next batch gathers meanwhile.
package struct OrderWriter: Service {
    private let queue: OrderQueue
    private let journal: any OrderJournal
    private let lanes: LaneSet
    private let admission: Admission
    private let metrics: ServiceMetrics
    private let outage: Outage
    private let logger: Logger
    private let runtime: Runtime

    package init(
        queue: OrderQueue, journal: any OrderJournal, lanes: LaneSet, admission: Admission, metrics: ServiceMetrics, outage: Outage, logger: Logger,
        runtime: Runtime
    ) {
        self.queue = queue
        self.journal = journal
        self.lanes = lanes
        self.admission = admission
        self.metrics = metrics
        self.outage = outage
        self.logger = logger
        self.runtime = runtime
    }

    /// Runs until the queue is closed and empty. Graceful shutdown closes the queue: what is in it is still committed. Cancellation gives up between two
    /// attempts: what is left stays in the reservation log.
    package func run() async throws {
        await withGracefulShutdownHandler {
            while let batch = await queue.next(countMax: Limits.commitOrdersMax) {
                guard let verdicts = await judge(batch.map(\.reservation)) else {
                    logger.warning("stopped with orders left to the reservation log", metadata: [LogKey.count: "\(batch.count)"])
                    return
                }
                lanes.deliver(JudgedBatch(batch, verdicts))
            }
        } onGracefulShutdown: {
            queue.close()
        }
    }

    /// Repeats the batch until Postgres has judged it: an order that an unknown commit did write is found by its id. `nil` when cancelled.
    private func judge(_ batch: [Reservation]) async -> [CommitVerdict]? {
        let began = runtime.now()
        admission.commitBegan(at: began)
        var backoff = Backoff.writer
        var random = RuntimeRandom(runtime: runtime)
        while !Task.isCancelled {
            do {
                let verdicts = try await journal.commit(batch)
                let ended = runtime.now()
                admission.commitEnded(orders: batch.count, at: ended)
                outage.note(nil, by: .writer)
                metrics.committed(orders: batch.count, nanoseconds: ended - began)
                return verdicts
            } catch {
                metrics.commitFailed()
                outage.note(error, by: .writer)
                logger.debug("commit failed, will repeat", metadata: [LogKey.count: "\(batch.count)", LogKey.error: "\(error)"])
                try? await runtime.sleep(backoff.next(using: &random))
            }
        }
        return nil
    }
}

extension Backoff {
    /// Short at first, since a reset connection is back at once; a second at most, since buyers wait.
    fileprivate static var writer: Backoff { Backoff(first: .milliseconds(20), longest: .seconds(1)) }
}
