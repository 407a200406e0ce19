import FlowControl
import Logging
import SaleCore

/// Takes all that is queued, commits it in one transaction, tells the lanes, and begins again; the
/// next batch gathers meanwhile, or another writer takes it.
struct OrderWriter: Sendable {
    /// Tells it from the node's other writers.
    private let number: Int
    private let queue: OrderQueue
    private let journal: JournalPort
    private let lanes: LaneSet
    private let admission: Admission
    private let outage: Outage
    private let context: ServiceContext

    init(number: Int = 0, queue: OrderQueue, journal: JournalPort, lanes: LaneSet, admission: Admission, outage: Outage, _ context: ServiceContext) {
        self.number = number
        self.queue = queue
        self.journal = journal
        self.lanes = lanes
        self.admission = admission
        self.outage = outage
        self.context = context
    }

    /// Runs until the queue is closed and empty. Cancellation gives up between two attempts: what
    /// is left stays in the reservation log.
    func run() async {
        await withTaskExecutorPreference(journal.executor) { await write() }
    }

    private func write() async {
        var ended = 0
        while let batch = await queue.next(ended: ended, countMax: Limits.commitOrdersMax) {
            guard let verdicts = await judge(batch.map(\.reservation)) else {
                return context.logger.warning("stopped with orders left to the reservation log", metadata: [LogKey.count: "\(batch.count)"])
            }
            lanes.deliver(JudgedBatch(batch, verdicts))
            ended = batch.count
        }
    }

    /// Repeats the batch until Postgres has judged it: an order that an unknown commit did write is
    /// found by its id. `nil` when cancelled.
    private func judge(_ batch: [Reservation]) async -> CommitVerdicts? {
        let runtime = context.runtime
        let began = runtime.now()
        admission.commitBegan(at: began)
        var backoff = Backoff.writer
        var random = RuntimeRandom(runtime: runtime)
        while !Task.isCancelled {
            do {
                let verdicts = try await journal.journal.commit(batch)
                let ended = runtime.now()
                admission.commitEnded(orders: batch.count, began: began, at: ended)
                outage.note(nil, by: .writer(number))
                context.metrics.committed(orders: batch.count, nanoseconds: began.duration(to: ended))
                note(batch)
                return verdicts
            } catch {
                context.metrics.commitFailed()
                outage.note(error, by: .writer(number))
                context.logger.debug("commit failed, will repeat", metadata: [LogKey.count: "\(batch.count)", LogKey.error: "\(error)"])
                try? await runtime.sleep(backoff.next(using: &random))
            }
        }
        return nil
    }

    /// The ids, for who looks for one: a sale has too many of them for any other level, and a batch
    /// for one line.
    private func note(_ batch: [Reservation]) {
        guard context.logger.logLevel <= .debug else { return }
        for start in stride(from: 0, to: batch.count, by: Limits.logOrdersPerLineMax) {
            let part = batch[start..<min(start + Limits.logOrdersPerLineMax, batch.count)]
            context.logger.debug("orders judged", metadata: [LogKey.orders: .array(part.map { "\($0.order)" })])
        }
    }
}

extension Backoff {
    /// Short at first, since a reset connection is back at once; a second at most, since buyers
    /// wait.
    fileprivate static var writer: Backoff { Backoff(first: .milliseconds(20), longest: .seconds(1)) }
}
