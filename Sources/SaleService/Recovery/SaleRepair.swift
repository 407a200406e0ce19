import Logging
import SaleCore
import Synchronization

/// Sales whose Redis side a look found wanting.
struct UnsoundSales: Sendable, Equatable {
    /// Redis has not heard of the newest change.
    var behind: [SaleID] = []
    /// Must be rebuilt.
    var unproven: [SaleID] = []

    init() {}

    var isEmpty: Bool { behind.isEmpty && unproven.isEmpty }
}

/// Brings Redis back to where Postgres stands: tells it of changes, rebuilds sales. One repair of a
/// sale at a time, on all nodes together.
///
/// A node repairs many sales as a group, which makes them wait for one moment of notice rather than
/// each for its own, and leaves those to the others whose lock it does not get at once. Which ones
/// it tries first is chance, so that nodes which notice together share the work.
final class SaleRepair: Sendable {
    private let ledger: any SaleLedger
    private let store: any StockReader & StockWriter
    private let rebuild: SaleRebuild
    private let context: ServiceContext
    private let troubles: TroubleLog
    private let underWay = Mutex<Set<SaleID>>([])
    private let turnstile = Turnstile(places: Limits.repairsAtOnceMax)

    init(ledger: any SaleLedger, store: any StockStore, journal: any OrderJournal, _ context: ServiceContext) {
        self.ledger = ledger
        self.store = store
        rebuild = SaleRebuild(ledger: ledger, store: store, journal: journal, logger: context.logger, runtime: context.runtime)
        self.context = context
        troubles = TroubleLog("sale not repaired, will try again", logger: context.logger)
    }

    /// Repairs those of `unsound` that neither this node nor another one is at, but not so many
    /// that they hold up each other, or operators, for long.
    ///
    /// - Returns: whether a sale is repaired, so that a new look is worth while.
    func repair(_ unsound: UnsoundSales) async -> Bool {
        let chosen = choose(unsound)
        guard !chosen.isEmpty else { return false }
        let locked: [SaleID]
        do throws(JournalError) {
            locked = try await ledger.tryLock(chosen)
        } catch {
            leave(chosen)
            troubles.note(chosen.map { ($0, .failure(error)) })
            return false
        }
        leave(chosen.filter { !locked.contains($0) })
        guard !locked.isEmpty else { return false }
        let outcomes = await repairHoldingLocks(locked)
        troubles.note(outcomes.filter { !($0.outcome.isCancelled) })
        return outcomes.contains { $0.outcome.isSuccess }
    }

    private typealias Outcome = (sale: SaleID, outcome: Result<Void, any Error>)

    private func choose(_ unsound: UnsoundSales) -> [SaleID] {
        var chance = RuntimeRandom(runtime: context.runtime)
        // What is merely behind needs no moment of notice.
        let wanted = unsound.behind.shuffled(using: &chance) + unsound.unproven.shuffled(using: &chance)
        return underWay.withLock { underWay in
            let chosen = wanted.filter { !underWay.contains($0) }.prefix(max(0, Limits.repairsUnderWayMax - underWay.count))
            underWay.formUnion(chosen)
            return Array(chosen)
        }
    }

    /// Gives their locks back, too.
    private func end(_ sale: SaleID) async {
        await ledger.unlock([sale])
        leave([sale])
    }

    private func leave(_ sales: [SaleID]) {
        underWay.withLock { $0.subtract(sales) }
    }

    /// Each lock is given back as soon as its sale is done with.
    private func repairHoldingLocks(_ sales: [SaleID]) async -> [Outcome] {
        let run: String
        do {
            run = try await rebuild.electedRun()
        } catch {
            for sale in sales { await end(sale) }
            // Whoever is elected is rebuilt by those who can reach it.
            return error is RebuildError ? [] : sales.map { ($0, .failure(error)) }
        }
        var outcomes: [Outcome] = []
        let unproven = await forEach(sales, &outcomes) { sale in try await self.stillUnproven(sale, run: run) }
        // The smallest first: a large one holds nobody up but itself.
        let inTurn = unproven.sorted { $0.units < $1.units }.map(\.id)
        let begun = await forEach(inTurn, &outcomes) { sale in try await self.rebuild.begin(sale, on: run) }
        await finish(begun.filter { !$0.mustBeNoticed }, &outcomes)
        let others = begun.filter(\.mustBeNoticed)
        guard !others.isEmpty else { return outcomes }
        do {
            try await rebuild.waitUntilNoticed()
        } catch {
            for begun in others { await end(begun.sale) }
            return outcomes
        }
        await finish(others, &outcomes)
        return outcomes
    }

    private func finish(_ begun: [SaleRebuild.Begun], _ outcomes: inout [Outcome]) async {
        let begunOf = Dictionary(uniqueKeysWithValues: begun.map { ($0.sale, $0) })
        _ = await forEach(begun.map(\.sale), &outcomes) { sale -> SaleID? in
            guard let begun = begunOf[sale] else { return nil }
            try await self.rebuild.finish(begun)
            self.context.metrics.rebuilt()
            return nil
        }
    }

    /// Does one step for each of `sales`, a bounded number at a time on this node. A sale for which
    /// the step failed, or returned `nil`, is done with.
    ///
    /// - Returns: what the steps returned, in the order of `sales`.
    private func forEach<Next: Sendable>(
        _ sales: [SaleID], _ outcomes: inout [Outcome], _ step: @escaping @Sendable (SaleID) async throws -> Next?
    ) async -> [Next] {
        await withTaskGroup(of: (Int, Result<Next?, any Error>).self) { tasks in
            for (index, sale) in sales.enumerated() {
                tasks.addTask {
                    await self.turnstile.pass {
                        do {
                            let next = try await step(sale)
                            if next == nil { await self.end(sale) }
                            return (index, .success(next))
                        } catch {
                            await self.end(sale)
                            return (index, .failure(error))
                        }
                    }
                }
            }
            var next: [Next?] = Array(repeating: nil, count: sales.count)
            for await (index, result) in tasks {
                switch result {
                case .success(let value?): next[index] = value
                case .success(nil): outcomes.append((sales[index], .success(())))
                case .failure(let error): outcomes.append((sales[index], .failure(error)))
                }
            }
            return next.compactMap(\.self)
        }
    }

    /// Looks again under the lock, for another node may have been quicker, and tells Redis what it
    /// has not heard.
    ///
    /// - Returns: the sale, and the units of its live orders, if it must be rebuilt.
    private func stillUnproven(_ id: SaleID, run: String) async throws -> (id: SaleID, units: Int64)? {
        guard let sale = try await ledger.sale(id) else { return nil }
        switch StockConsistency(of: try await store.read(id), for: sale, run: run) {
        case .sound, .unknown: return nil
        case .behind: if try await store.sync(sale) == .done { return nil }
        case .unproven: break
        }
        return (id, sale.items.reduce(0) { $0 + $1.committed })
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
    fileprivate var isCancelled: Bool { if case .failure(is CancellationError) = self { true } else { false } }
}
