import Logging
import SaleCore
import ServiceLifecycle

/// Looks at Postgres and Redis again and again, reads what changed there, tells every lane what it
/// must know, and has repaired what does not agree.
///
/// What a look costs the stores follows from what changed, not from how many sales there are.
struct CatalogRefresher: Service {
    private let ledger: LedgerReading
    private let store: any StockServer & StockReader
    private let catalog: CatalogStore
    private let logs: FilledLogs
    private let refreshes: RefreshRequests
    private let repair: SaleRepair
    private let lanes: LaneSet
    private let queue: OrderQueue
    private let admission: Admission
    private let context: ServiceContext
    private let troubles: TroubleLog
    private let firstClock: StockClock

    /// - Parameter firstClock: the node's own clock, a guess that serves until Redis has told its
    ///   time.
    init(
        ledger: any SaleLedger, store: any StockServer & StockReader, catalog: CatalogStore, logs: FilledLogs, refreshes: RefreshRequests,
        repair: SaleRepair, lanes: LaneSet, queue: OrderQueue, admission: Admission, firstClock: StockClock, _ context: ServiceContext
    ) {
        self.ledger = LedgerReading(ledger: ledger, runtime: context.runtime)
        self.store = store
        self.catalog = catalog
        self.logs = logs
        self.refreshes = refreshes
        self.repair = repair
        self.lanes = lanes
        self.queue = queue
        self.admission = admission
        self.context = context
        troubles = TroubleLog("sale not read in Redis, will try again", logger: context.logger)
        self.firstClock = firstClock
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                var memory = Memory(clock: firstClock)
                while !Task.isCancelled {
                    if ledger.mayBegin() {
                        let unseen = memory.catalog.unseen
                        tasks.addTask { if await ledger.read(and: unseen) { refreshes.look() } }
                    }
                    await ledger.wait(atMost: Limits.ledgerPatience)
                    let unsound = await refresh(&memory)
                    if !unsound.isEmpty { tasks.addTask { if await repair.repair(unsound) { refreshes.look() } } }
                    await refreshes.wait(atMost: nextWait())
                }
                tasks.cancelAll()
            }
        }
    }

    private var runtime: Runtime { context.runtime }

    private func nextWait() -> Duration {
        let spread = Limits.lookJitter.nanoseconds
        return Limits.lookInterval - .nanoseconds(Int64(runtime.random() % (spread + 1)))
    }

    /// What one look leaves to the next.
    private struct Memory {
        var catalog = CatalogMemory()
        /// The Redis that was given the scripts.
        var scriptedRun: String?
        var clock: StockClock
        var isStoreReachable = true
        var isRecordReadable = true
    }

    /// One look.
    ///
    /// - Returns: the sales whose Redis side must be repaired.
    private func refresh(_ memory: inout Memory) async -> UnsoundSales {
        // Whoever is suspected from now on is left to the next look.
        let suspects = refreshes.takeSuspects()
        let startedAt = runtime.now()
        let (news, isRead, failure) = ledger.take()
        for news in news { memory.catalog.told(news) }
        // An empty catalog would call every sale unknown.
        guard isRead else { return UnsoundSales() }
        let run = await scriptedRun(&memory)
        memory.catalog.answers(run: run)
        await readStock(&memory, suspects)
        let (changed, removed) = memory.catalog.takeChanges(and: suspects)
        let unproven = memory.catalog.unproven
        catalog.publish(CatalogSnapshot(sales: memory.catalog.sales, unproven: unproven, clock: memory.clock))
        lanes.publish(LaneUpdate(changed: changed, removed: removed, startedAt: startedAt, clock: memory.clock, run: run))
        context.metrics.sampled(queue: queue.count, admitted: admission.count, proven: memory.catalog.provenCount, unproven: unproven.count)
        // Whether Postgres answers is `LedgerWatch`'s to tell.
        return failure == nil ? memory.catalog.unsound : UnsoundSales()
    }

    /// The run of the Redis that answers, once it has the scripts; `nil` while it does not answer.
    ///
    /// Giving the scripts to a Redis that is not yet proven is safe: a lane asks only the run that
    /// Postgres calls proven.
    private func scriptedRun(_ memory: inout Memory) async -> String? {
        do throws(StoreError) {
            let identity = try await store.identity()
            let now = try await store.now()
            memory.clock = StockClock(reading: now, at: runtime.now())
            if refreshes.takeScriptMissing() || memory.scriptedRun != identity.run {
                try await store.loadScripts()
                memory.scriptedRun = identity.run
            }
            note(&memory.isStoreReachable, nil, "Redis does not answer", "Redis answers again")
            return identity.isPrimary ? identity.run : nil
        } catch {
            let isRefused = if case .refused = error { true } else { false }
            note(&memory.isStoreReachable, error, isRefused ? "Redis refuses what a look needs" : "Redis does not answer", "Redis answers again")
            return nil
        }
    }

    /// Reads what changed in Redis, what is in doubt, and a few sales in turn.
    private func readStock(_ memory: inout Memory, _ suspects: Set<SaleID>) async {
        guard memory.isStoreReachable else { return memory.catalog.answers(run: nil) }
        let now = memory.clock.time(at: runtime.now())
        let over = memory.catalog.forget(at: now)
        guard let changes = await changes(&memory) else { return memory.catalog.answers(run: nil) }
        for sale in over + memory.catalog.forgotten(among: changes) {
            try? await store.forgetChanges(of: sale.id, sale.sale.items.map(\.sku))
        }
        let questions = memory.catalog.questions(about: changes, suspects, at: now)
        let answers = await store.read(questions)
        note(questions, answers)
        for (question, answer) in zip(questions, answers) {
            memory.catalog.answered(question, answer)
            if case .success(let reading?) = answer, reading.logCount > 0 { logs.insert(question.sale) }
        }
    }

    private func changes(_ memory: inout Memory) async -> StockChanges? {
        let (lost, back): (Logger.Message, Logger.Message) = ("Redis does not say what changed, no sale is sold", "Redis says what changed again")
        do throws(StoreError) {
            let changes = try await store.changes(since: memory.catalog.position)
            note(&memory.isRecordReadable, nil, lost, back)
            return changes
        } catch {
            // One that does not answer at all is told of by the look that finds it so.
            if case .refused = error { note(&memory.isRecordReadable, error, lost, back) }
            return nil
        }
    }

    /// A Redis that answers, and not to this. One that does not answer at all is told of once.
    private func note(_ questions: [StockQuestion], _ answers: [Result<StockReading?, StoreError>]) {
        troubles.note(
            zip(questions, answers).compactMap { question, answer in
                switch answer {
                case .success: (question.sale, .success(()))
                case .failure(let error): if case .refused = error { (question.sale, .failure(error)) } else { nil }
                }
            })
    }

    private func note(_ isSound: inout Bool, _ error: (any Error)?, _ lost: Logger.Message, _ back: Logger.Message) {
        if let error, isSound {
            context.logger.error(lost, metadata: [LogKey.error: "\(error)"])
        } else if error == nil, !isSound {
            context.logger.notice(back)
        }
        isSound = error == nil
    }
}
