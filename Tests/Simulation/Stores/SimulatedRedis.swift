import SaleCore
import SaleService

/// One Redis: its data, whether it has the scripts, and its clock.
package final class SimulatedRedis: SimulatedServer, @unchecked Sendable {
    /// Switches a guard off, to see that somebody notices.
    package enum Flaw: String, Sendable, CaseIterable {
        /// A move counts every time it is told.
        case countsMovesTwice
        /// A released order gives its units back whether Redis counts it or not.
        case releasesBlindly
        /// Idempotency keys are not kept.
        case forgetsKeys
        /// A batch that is sent again takes units again.
        case grantsAgain
    }

    var sales: [SaleID: RedisSale] = [:]
    /// The newest of each cluster of Postgres. In no copy, so that nodes tell it again.
    private var timelines: [Int64: Int64] = [:]
    /// Its record of changes. A restart from an older copy leaves it as it was, which hides that
    /// anything was lost.
    private var changes: ChangeRecordModel
    var hasScripts = false
    var isPrimary = true
    /// Sentinels name it the primary.
    var isElected = true
    /// By how much its clock differs from the world's. Milliseconds.
    let clockSkew: Int64
    let flaws: Set<Flaw>
    /// Told of every grant.
    var onGrant: (Reservation) -> Void = { _ in }

    private var demotionCount = 0
    private var flushCount = 0
    private var snapshots: [(instant: MonotonicInstant, sales: [SaleID: RedisSale])] = []

    init(name: String, scheduler: Scheduler, clockSkew: Int64 = 0, flaws: Set<Flaw> = []) {
        self.clockSkew = clockSkew
        self.flaws = flaws
        changes = ChangeRecordModel("\(name).0")
        super.init(name: name, scheduler: scheduler)
    }

    var run: String { "\(name).\(incarnation).\(demotionCount)" }

    var time: Timestamp { Timestamp(milliseconds: WorldClock.epoch + scheduler.milliseconds + clockSkew) }

    // MARK: Faults

    /// Keeps what a replica, a backup or the file on disk may have.
    func takeSnapshot() {
        snapshots.append((scheduler.now, sales))
        if snapshots.count > 40 { snapshots.removeFirst() }
    }

    /// What it held about `age` nanoseconds ago.
    func snapshot(aged age: UInt64) -> [SaleID: RedisSale] {
        snapshots.last { $0.instant + age <= scheduler.now }?.sales ?? [:]
    }

    func restart(with sales: [SaleID: RedisSale]) {
        self.sales = sales
        timelines = [:]
        hasScripts = false
        start()
    }

    /// It was a replica for a moment, of somebody who had `sales`.
    func repromote(with sales: [SaleID: RedisSale]) {
        self.sales = sales
        demotionCount += 1
    }

    /// `FLUSHALL`: the record of changes goes, too.
    func flush() {
        flushCount += 1
        (sales, timelines, changes) = ([:], [:], ChangeRecordModel("\(name).\(flushCount)"))
    }

    // MARK: Scripts

    func reserve(_ batch: ReservationBatch) -> Result<ReservationReply, StoreError> {
        guard isPrimary else { return .failure(.refused(reason: "READONLY")) }
        guard hasScripts else { return .failure(.scriptMissing) }
        if flaws.contains(.grantsAgain) {
            for request in batch.requests { sales[batch.sale]?.forget(request) }
        }
        let before = sales[batch.sale]?.log ?? [:]
        let reply = run(on: batch.sale) { $0.reserve(batch, at: time) }
        if flaws.contains(.forgetsKeys) { sales[batch.sale]?.keys = [:] }
        for request in batch.requests where before[request.order] == nil {
            if let reservation = sales[batch.sale]?.log[request.order] { onGrant(reservation) }
        }
        return .success(reply)
    }

    func settle(released: [Settlement.Released], of sale: SaleID) {
        if flaws.contains(.releasesBlindly) {
            for order in released { sales[sale]?.stock[order.sku]?.available += 1 }
        }
        run(on: sale) { $0.settle(released: released) }
    }

    func move(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) -> [Bool] {
        if flaws.contains(.countsMovesTwice) {
            for move in moves where move.kind == .giveBack { sales[sale]?.stock[move.sku]?.available += Int64(move.quantity) }
        }
        return run(on: sale) { $0.move(moves, epoch: epoch) }
    }

    func share(_ seen: [LedgerTimeline]) -> [LedgerTimeline] {
        seen.map { timeline in
            let newest = max(timeline.number, timelines[timeline.cluster] ?? 0)
            timelines[timeline.cluster] = newest
            return LedgerTimeline(cluster: timeline.cluster, number: newest)
        }
    }

    /// Runs a script, and puts on record what it changed.
    func run<Reply>(on sale: SaleID, _ script: (inout RedisSale) -> Reply) -> Reply {
        defer { if let mark = sales[sale]?.takeMark() { changes.add(mark, of: sale) } }
        return script(&sales[sale, default: RedisSale()])
    }

    func changes(since position: ChangePosition?) -> StockChanges { changes.since(position) }
}

extension RedisSale {
    /// As if the order had never been granted, but for its units.
    fileprivate mutating func forget(_ request: ReservationRequest) {
        let buyer = Buyer(sku: request.sku, user: request.user)
        guard log[request.order] != nil else { return }
        log[request.order] = nil
        buyers[buyer]?.removeAll { $0.order == request.order }
        if let key = request.key { keys[KeyField(user: request.user, key: key)] = nil }
    }
}

/// The world's calendar.
package enum WorldClock {
    /// What every right clock shows when the world's monotonic one stands at zero. Milliseconds.
    package static let epoch: Int64 = 1_800_000_000_000
}
