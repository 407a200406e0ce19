package import Logging
package import SaleCore

/// Why a sale could not be rebuilt. It stays refused, and the next look tries again.
package enum RebuildError: Error, Sendable, Equatable {
    /// Redis was restarted or replaced, or somebody else began another rebuild meanwhile.
    case overtaken
    /// Redis is a replica. Nothing was changed.
    case notPrimary
    /// No majority of the Sentinels names this Redis the primary: it may have a successor already.
    /// Nothing was changed.
    case notElected
    /// Redis counts so many orders that Postgres does not have that this is hardly its Postgres.
    /// Nothing was changed.
    case tooManyUnrecorded(Int)
}

extension RebuildError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .overtaken: "the rebuild was overtaken by another one, or by a restart of Redis"
        case .notPrimary: "it is a replica, and only a primary is rebuilt"
        case .notElected: "no majority of the Sentinels names it the primary, and only such a Redis is rebuilt"
        case .tooManyUnrecorded(let count):
            "Redis counts \(count) orders that Postgres does not have; if this is the right database, seckill reconcile --apply --drop-surplus forgets them"
        }
    }
}

/// What a rebuild does with the orders that Redis counts and Postgres has lost.
package enum LostOrders: Sendable {
    /// Their units stay taken, their buyers' limits and keys used: nobody else may be sold what
    /// somebody was told is theirs.
    case kept
    /// Their units are on sale again and nothing is known of them. Only an operator says so.
    case dropped
}

/// Rebuilds sales in Redis from Postgres and declares their numbers proven.
///
/// The steps of one sale, and what a crash after each leaves:
/// 1. Postgres: a new epoch, unproven. Every node refuses the sale from its next look on. Whoever
///   finds it unproven starts over.
/// 2. Redis: the new epoch, rebuilding. In the same step all is forgotten but the orders that
///   Postgres has lost (`UnrecordedOrders`). No script call grants any more, under any epoch. A
///   moment passes, in which the nodes notice, if it was another Redis that they sold from, and
///   commit what they have been granted: an order that comes later is charged to the new epoch, but
///   its key is not known at once.
/// 3. The reservation log is committed and settled. What was granted before is judged by Postgres
///   like any other order.
/// 4. Buyers, keys and stock are written from one snapshot of Postgres, beside the lost orders,
///   whose units stay taken.
/// 5. Redis: open, only if this rebuild is still the last one. Nodes still refuse: Postgres does
///   not call the epoch proven.
/// 6. Postgres: the epoch is proven on this run of Redis. Nodes that talk to that very run sell.
///
/// Sales that are rebuilt together share the moment between 2 and 3 and nothing else: each has an
/// epoch, a lock and a fate of its own.
package struct SaleRebuild: Sendable {
    private let ledger: any SaleLedger
    private let store: any StockServer & RebuildTarget & HeldOrders & ReservationLog
    private let journal: any OrderJournal
    private let logger: Logger
    private let runtime: Runtime

    package init(
        ledger: any SaleLedger, store: any StockServer & RebuildTarget & HeldOrders & ReservationLog, journal: any OrderJournal, logger: Logger,
        runtime: Runtime
    ) {
        self.ledger = ledger
        self.store = store
        self.journal = journal
        self.logger = logger
        self.runtime = runtime
    }

    /// The caller holds the sale's lock. Only a primary is rebuilt, and with Sentinels only the one
    /// that most of them name: another one, cut off together with this process, would contend with
    /// its successor for the epoch.
    ///
    /// - Parameters:
    ///   - lost: what becomes of the orders that Redis counts and Postgres has lost.
    ///   - note: told those orders before anything is changed.
    /// - Throws: `RebuildError`, `StoreError` or `JournalError`; the sale is then refused until a
    ///   later rebuild succeeds.
    package func rebuildHoldingLock(_ sale: SaleID, lost: LostOrders = .kept, note: ([HeldOrder]) async throws -> Void = { _ in }) async throws {
        let begun = try await begin(sale, on: try await electedRun(), lost: lost, note: note)
        if begun.mustBeNoticed { try await waitUntilNoticed() }
        try await finish(begun)
    }

    /// A rebuild after its second step.
    struct Begun: Sendable {
        let sale: SaleID
        let epoch: Epoch
        let run: String
        /// What Redis counts and Postgres had lost when this rebuild began.
        let kept: [HeldOrder]
        /// Nobody has sold from a first epoch's forerunner.
        var mustBeNoticed: Bool { epoch > 1 }
    }

    /// Steps 1 and 2 on the Redis of `run`. The caller holds the sale's lock until `finish` has
    /// returned.
    func begin(
        _ sale: SaleID, on run: String, lost: LostOrders = .kept, note: ([HeldOrder]) async throws -> Void = { _ in }
    ) async throws -> Begun {
        let unrecorded = try await UnrecordedOrders(ledger: ledger, store: store).find(
            of: sale, countMax: lost == .kept ? Limits.unrecordedOrdersMax : .max)
        try await note(unrecorded)
        let kept = lost == .kept ? unrecorded : []
        let epoch = try await ledger.beginEpoch(of: sale)
        try await store.beginRebuild(of: sale, epoch: epoch, keeping: kept)
        return Begun(sale: sale, epoch: epoch, run: run, kept: kept)
    }

    /// The moment between steps 2 and 3, counted from the last `begin` of those that share it.
    func waitUntilNoticed() async throws {
        try await runtime.sleep(Limits.noticePause)
    }

    /// Steps 3 to 6.
    func finish(_ begun: Begun) async throws {
        let (sale, epoch) = (begun.sale, begun.epoch)
        let finished = try await LogRecovery(log: store, journal: journal).finishAll(of: sale, grantedBefore: .distantFuture)
        let stillLost = KeptOrders(begun.kept)
        var snapshot = try await ledger.rebuildSnapshot(of: sale) { page in
            await stillLost.strike(page)
            try await store.rebuild(page, of: sale, epoch: epoch)
        }
        let unitsOfLost = await stillLost.units
        for index in snapshot.items.indices { snapshot.items[index].committed += unitsOfLost[snapshot.items[index].sku] ?? 0 }
        guard snapshot.epoch == epoch, try await store.endRebuild(of: snapshot) == .done else { throw RebuildError.overtaken }
        try await store.loadScripts()
        guard try await electedRun() == begun.run, try await ledger.proveEpoch(epoch, of: sale, run: begun.run) else {
            throw RebuildError.overtaken
        }
        logger.notice(
            "sale rebuilt in Redis",
            metadata: [LogKey.sale: "\(sale)", LogKey.epoch: "\(epoch)", LogKey.run: "\(begun.run)", LogKey.count: "\(finished)"])
        if !begun.kept.isEmpty {
            logger.warning(
                "Redis counts orders that Postgres has lost; seckill reconcile names them",
                metadata: [LogKey.sale: "\(sale)", LogKey.count: "\(begun.kept.count)"])
        }
    }

    /// - Throws: `RebuildError` when it is not to be rebuilt, `StoreError` when it does not answer.
    func electedRun() async throws -> String {
        let redis = try await store.identity()
        guard redis.isPrimary else { throw RebuildError.notPrimary }
        guard redis.isElected else { throw RebuildError.notElected }
        return redis.run
    }
}

extension Timestamp {
    /// Later than any grant.
    static let distantFuture = Timestamp(milliseconds: .max)
}
