import SaleCore
import SaleService
import Synchronization

/// A process's way to Postgres: every port of the service, one message per transaction.
final class PostgresClient: OrderJournal, OrderReader, StockCounting, OrderLife, OperatorLedger, OperatorOrders, TimelineMemory, @unchecked Sendable {
    private let process: SimulatedProcess
    private let network: Network
    private let postgres: SimulatedPostgres
    /// Holds what `tryLock` took.
    private var repairs: SimulatedPostgres.Session

    private static let timeout: UInt64 = 3_000_000_000

    init(process: SimulatedProcess, network: Network, postgres: SimulatedPostgres) {
        self.process = process
        self.network = network
        self.postgres = postgres
        repairs = SimulatedPostgres.Session(process: process)
    }

    private enum Answer<Reply: Sendable>: Sendable {
        case reply(Reply)
        /// The COMMIT waits for the standby.
        case waits
        /// Something was found that the standby may lack.
        case unconfirmed
    }

    /// - Parameter isFound: whether a reply that nothing was written for tells of an order; it is
    ///   then told only if the standby is there.
    private func call<Reply: Sendable>(
        writes: Bool = false, isFound: @escaping (Reply) -> Bool = { _ in false }, _ operation: @escaping (inout PostgresBooks) -> Reply
    ) async throws(JournalError) -> Reply {
        guard !process.isDead else { throw .unavailable(reason: "killed") }
        let postgres = postgres
        let delivery = await network.call(from: process, to: postgres, incarnation: postgres.incarnation, timeout: Self.timeout) {
            () -> Answer<Reply> in
            guard postgres.isStandbyAway else {
                let reply = operation(&postgres.books)
                if writes { postgres.onWrite() }
                return .reply(reply)
            }
            var copy = postgres.books
            let reply = operation(&copy)
            if isFound(reply) { return postgres.flaws.contains(.tellsUnconfirmed) ? .reply(reply) : .unconfirmed }
            guard writes else { return .reply(reply) }
            postgres.waitForStandby { _ = operation(&$0) }
            return .waits
        }
        switch delivery {
        case .reply(.reply(let reply)):
            note(postgres.timeline)
            return reply
        case .reply(.waits):
            try? await process.runtime.sleep(.nanoseconds(Self.timeout))
            throw .outcomeUnknown(reason: "no standby")
        case .reply(.unconfirmed):
            try? await process.runtime.sleep(.seconds(2))
            throw .unavailable(reason: "no standby")
        case .notSent: throw .unavailable(reason: "no connection")
        case .lost: throw .outcomeUnknown(reason: "no reply")
        }
    }

    // MARK: TimelineMemory

    private let newest = Mutex<[Int64: Int64]>([:])

    var all: [LedgerTimeline] {
        newest.withLock { $0.map { LedgerTimeline(cluster: $0.key, number: $0.value) } }.sorted { $0.cluster < $1.cluster }
    }

    func note(_ timeline: LedgerTimeline) {
        newest.withLock { $0[timeline.cluster] = max(timeline.number, $0[timeline.cluster] ?? 0) }
    }

    // MARK: OrderJournal

    func commit(_ batch: [Reservation]) async throws(JournalError) -> CommitVerdicts {
        let postgres = postgres
        return try await call(writes: true, isFound: { _ in batch.allSatisfy { postgres.books.order($0.order) != nil } }) { $0.commit(batch) }
    }

    func abandon(_ batch: [Reservation]) async throws(JournalError) -> [CommitVerdict] {
        let postgres = postgres
        return try await call(writes: true, isFound: { _ in batch.allSatisfy { postgres.books.order($0.order) != nil } }) { $0.abandon(batch) }
    }

    // MARK: OrderReader

    func order(_ id: OrderID) async throws(JournalError) -> Order? { try await call(isFound: { $0 != nil }) { $0.order(id) } }
    func verdict(on id: OrderID) async throws(JournalError) -> CommitVerdict? {
        try await call(isFound: { $0 != nil }) { $0.verdict(on: id) }
    }

    func orders(of user: UserID, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        try await call(isFound: { !$0.isEmpty }) { $0.orders(of: user, before: cursor, countMax: countMax) }
    }

    func totals(of sales: [SaleID]) async throws(JournalError) -> [SaleID: StockTotals] {
        try await call { books in
            var totals: [SaleID: StockTotals] = [:]
            for id in sales {
                guard let items = books.sales[id]?.items else { continue }
                totals[id] = StockTotals(
                    loaded: items.reduce(0) { $0 + $1.loaded }, committed: items.reduce(0) { $0 + $1.committed },
                    moves: Int64(books.movesOfSale(id).count))
            }
            return totals
        }
    }

    func ping() async -> JournalError? {
        do throws(JournalError) {
            try await call { _ in }
            return nil
        } catch {
            return error
        }
    }

    // MARK: OrderLife

    func cancel(_ order: OrderID, by user: UserID) async throws(JournalError) -> CancelOutcome {
        try await call(writes: true) { $0.cancel(order, by: user) }
    }

    func record(_ event: PaymentEvent) async throws(JournalError) -> PaymentOutcome { try await call(writes: true) { $0.record(event) } }

    func expire(countMax: Int) async throws(JournalError) -> Int {
        let postgres = postgres
        return try await call(writes: true) { $0.expire(countMax: countMax, at: postgres.time) }
    }

    func pendingMoves(besides sales: [SaleID], countMax: Int) async throws(JournalError) -> [StockMove] {
        try await call(isFound: { !$0.isEmpty }) { $0.pendingMoves(besides: sales, countMax: countMax) }
    }

    /// Without locks: that two nodes are handed the same moves can happen to the real one, too,
    /// when a node loses its session.
    func tell(
        movesBesides sales: [SaleID], countMax: Int, to redis: @Sendable ([StockMove]) async throws -> [KnownMoves]
    ) async throws -> MoveTurn {
        let moves = try await call { $0.pendingMoves(besides: sales, countMax: countMax) }
        guard !moves.isEmpty else { return MoveTurn() }
        var turn = MoveTurn(handed: moves.count)
        for known in try await redis(moves) {
            turn.forgotten += try await call(writes: true) { $0.forget(known.moves, of: known.sale, epoch: known.epoch) }
        }
        return turn
    }

    // MARK: OperatorOrders

    func cancel(_ order: OrderID, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> OperatorCancelOutcome {
        try await call(writes: !dryRun) { books in
            guard dryRun else { return books.cancel(order) }
            var copy = books
            return copy.cancel(order)
        }
    }

    func record(_ refund: Refund, dryRun: Bool, by attribution: Attribution) async throws(JournalError) -> RefundOutcome {
        try await call(writes: !dryRun) { books in
            guard dryRun else { return books.record(refund) }
            var copy = books
            return copy.record(refund)
        }
    }

    // MARK: SaleLedger

    func sales() async throws(JournalError) -> [Sale] { try await call { $0.sales.values.sorted { $0.id < $1.id } } }
    func sale(_ id: SaleID) async throws(JournalError) -> Sale? { try await call { $0.sales[id] } }
    func news(since position: Int64?, and sales: [SaleID]) async throws(JournalError) -> SaleNews {
        try await call { $0.news(since: position, and: sales) }
    }

    func withLock<Value: Sendable>(on sale: SaleID, _ body: @Sendable () async throws -> Value) async throws -> Value {
        let session = SimulatedPostgres.Session(process: process)
        guard await isLocked(sale, session) else { throw JournalError.unavailable(reason: "no lock") }
        defer { if !process.isDead { postgres.unlock(sale, session) } }
        return try await body()
    }

    /// `false` when the session ended while it waited, or for too long.
    private func isLocked(_ sale: SaleID, _ session: SimulatedPostgres.Session) async -> Bool {
        guard !process.isDead else { return false }
        let (process, postgres, scheduler) = (process, postgres, network.scheduler)
        guard postgres.isUp else { return false }
        let number = process.number()
        return await withCheckedContinuation { continuation in
            guard process.wait(number, giveUp: { continuation.resume(returning: false) }) else { return }
            postgres.lock(sale, session) {
                scheduler.after(1_000_000) { if process.ends(number) { continuation.resume(returning: true) } }
            } ended: {
                if process.ends(number) { continuation.resume(returning: false) }
            }
            scheduler.after(10_000_000_000) {
                guard process.ends(number) else { return }
                postgres.unlock(sale, session)
                continuation.resume(returning: false)
            }
        }
    }

    /// A question and its answer that may be lost, and then the session with them.
    func tryLock(_ sales: [SaleID]) async throws(JournalError) -> [SaleID] {
        do throws(JournalError) {
            try await call { _ in }
        } catch {
            endRepairs()
            throw error
        }
        guard !process.isDead, postgres.isUp else { throw .unavailable(reason: "no connection") }
        return sales.filter { postgres.tryLock($0, repairs) }
    }

    func unlock(_ sales: [SaleID]) async {
        guard !process.isDead else { return }
        for sale in sales { postgres.unlock(sale, repairs) }
    }

    private func endRepairs() {
        if !process.isDead { postgres.end(repairs) }
        repairs = SimulatedPostgres.Session(process: process)
    }

    func beginEpoch(of sale: SaleID) async throws(JournalError) -> Epoch {
        guard let epoch = try await call(writes: true, { $0.beginEpoch(of: sale) }) else { throw .failed(reason: "no sale", sqlState: "02000") }
        return epoch
    }

    func proveEpoch(_ epoch: Epoch, of sale: SaleID, run: String) async throws(JournalError) -> Bool {
        try await call(writes: true) { $0.proveEpoch(epoch, of: sale, run: run) }
    }

    /// One instant of the books, told in small pages.
    func rebuildSnapshot(of sale: SaleID, page: @Sendable ([RebuildEntry]) async throws -> Void) async throws -> Sale {
        let (snapshot, entries) = try await call(isFound: { !$0.1.isEmpty }) { ($0.sales[sale], $0.rebuildEntries(of: sale)) }
        guard let snapshot else { throw JournalError.failed(reason: "no sale", sqlState: "02000") }
        for start in stride(from: 0, to: entries.count, by: Self.pageRows) {
            try await page(Array(entries[start..<min(start + Self.pageRows, entries.count)]))
        }
        return snapshot
    }

    private static let pageRows = 3

    // MARK: OperatorLedger

    func migrate() async throws(JournalError) {}

    func make(_ changes: [SaleChange], to sale: SaleID, by attribution: Attribution) async throws(LedgerChangeError) {
        let refusal: LedgerChangeError?
        do {
            refusal = try await call(writes: true) { $0.make(changes, to: sale) }
        } catch {
            throw .journal(error)
        }
        if let refusal { throw refusal }
    }

    func orders(_ filter: OrderFilter, before cursor: OrderID?, countMax: Int) async throws(JournalError) -> [Order] {
        try await call(isFound: { !$0.isEmpty }) { $0.orders(filter, before: cursor, countMax: countMax) }
    }

    func auditFigures(of sale: SaleID) async throws(JournalError) -> [SKU: AuditFigures] { try await call { $0.auditFigures(of: sale) } }
    func pendingMoves(of sale: SaleID) async throws(JournalError) -> [StockMove] { try await call { $0.movesOfSale(sale) } }
    func openItems(besides sale: SaleID) async throws(JournalError) -> Int64 {
        try await call { books in books.sales.values.filter { $0.id != sale && $0.status != .closed }.reduce(0) { $0 + Int64($1.items.count) } }
    }
    func enterAudit(_ lines: [String], of sale: SaleID?, by attribution: Attribution) async throws(JournalError) {}
    func recorded(_ ids: [OrderID]) async throws(JournalError) -> Set<OrderID> {
        try await call { books in Set(ids.filter { books.order($0) != nil }) }
    }
}
