package import Logging
import SaleCore
import ServiceLifecycle

/// Reads all sales from Postgres and Redis again and again, publishes what it saw to every lane, and has repaired what does not agree.
package struct CatalogRefresher: Service {
    private let ledger: LedgerReading
    private let store: any StockStore
    private let catalog: CatalogStore
    private let attention: CatalogAttention
    private let repair: SaleRepair
    private let lanes: LaneSet
    private let queue: OrderQueue
    private let admission: Admission
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let runtime: Runtime
    private let firstClock: StockClock

    /// - Parameter firstClock: the node's own clock, a guess that serves until Redis has told its time.
    package init(
        ledger: any SaleLedger, store: any StockStore, catalog: CatalogStore, attention: CatalogAttention, repair: SaleRepair,
        lanes: LaneSet, queue: OrderQueue, admission: Admission, metrics: ServiceMetrics, logger: Logger, runtime: Runtime,
        firstClock: StockClock
    ) {
        self.ledger = LedgerReading(ledger: ledger, runtime: runtime)
        self.store = store
        self.catalog = catalog
        self.attention = attention
        self.repair = repair
        self.lanes = lanes
        self.queue = queue
        self.admission = admission
        self.metrics = metrics
        self.logger = logger
        self.runtime = runtime
        self.firstClock = firstClock
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                var memory = Memory(clock: firstClock)
                while !Task.isCancelled {
                    if ledger.mayBegin() { tasks.addTask { if await ledger.read() { attention.look() } } }
                    await ledger.wait(atMost: Limits.ledgerPatience)
                    let unsound = await refresh(&memory)
                    if !unsound.isEmpty { tasks.addTask { if await repair.repair(unsound) { attention.look() } } }
                    await attention.wait(atMost: nextWait())
                }
                tasks.cancelAll()
            }
        }
    }

    private func nextWait() -> Duration {
        let spread = Limits.lookJitter.nanoseconds
        return Limits.lookInterval - .nanoseconds(Int64(runtime.random() % (spread + 1)))
    }

    /// What one turn leaves to the next.
    private struct Memory {
        /// The Redis that was given the scripts.
        var scriptedRun: String?
        var clock: StockClock
        var isStoreReachable = true
    }

    /// One turn.
    ///
    /// - Returns: the sales whose Redis side must be repaired.
    private func refresh(_ memory: inout Memory) async -> UnsoundSales {
        let startedAt = runtime.now()
        let (sales, failure) = ledger.newest
        // An empty catalog would call every sale unknown.
        guard let sales else { return UnsoundSales() }
        let run = await scriptedRun(&memory)
        var snapshots: [SaleID: SaleSnapshot] = [:]
        var unsound = UnsoundSales()
        for sale in sales {
            let reading = await read(sale, run: run, clock: memory.clock)
            let soundness = reading.soundness
            snapshots[sale.id] = SaleSnapshot(
                sale: sale, stock: reading.stock?.items, isProven: soundness == .sound || soundness == .behind)
            switch soundness {
            case .behind: unsound.behind.append(sale.id)
            case .unproven: unsound.unproven.append(sale.id)
            case .sound, .unknown: break
            }
        }
        let snapshot = CatalogSnapshot(sales: snapshots, startedAt: startedAt, clock: memory.clock)
        catalog.publish(snapshot)
        lanes.publish(snapshot)
        let proven = snapshots.values.count { $0.isProven }
        metrics.sampled(queue: queue.count, admitted: admission.count, proven: proven, unproven: snapshots.count - proven)
        // Whether Postgres answers is `LedgerWatch`'s to tell.
        return failure == nil ? unsound : UnsoundSales()
    }

    /// The run of the Redis that answers, once it has the scripts; `nil` while it does not answer.
    ///
    /// Giving the scripts to a Redis that is not yet proven is safe: a lane asks only the run that Postgres calls proven.
    private func scriptedRun(_ memory: inout Memory) async -> String? {
        do {
            let identity = try await store.identity()
            let now = try await store.now()
            memory.clock = StockClock(reading: now, at: runtime.now())
            if attention.takeScriptMissing() || memory.scriptedRun != identity.run {
                try await store.loadScripts()
                memory.scriptedRun = identity.run
            }
            note(&memory.isStoreReachable, "Redis", nil)
            return identity.isPrimary ? identity.run : nil
        } catch {
            note(&memory.isStoreReachable, "Redis", error)
            return nil
        }
    }

    private func read(_ sale: Sale, run: String?, clock: StockClock) async -> (stock: StockReading?, soundness: Soundness) {
        guard let run, !sale.isForgotten(at: clock.time(at: runtime.now())) else { return (nil, .unknown) }
        do {
            let reading = try await store.read(sale.id)
            return (reading, Soundness(of: reading, for: sale, run: run))
        } catch {
            return (nil, .unknown)
        }
    }

    private func note(_ isReachable: inout Bool, _ server: String, _ error: (any Error)?) {
        if let error, isReachable {
            logger.error("\(server) does not answer", metadata: [LogKey.error: "\(error)"])
        } else if error == nil, !isReachable {
            logger.notice("\(server) answers again")
        }
        isReachable = error == nil
    }
}
