import SaleCore
import SaleService

/// A process's way to Redis, off the hot path. Every command is a message of its own.
final class RedisClient: StockStore, TimelineStore, @unchecked Sendable {
    private let process: SimulatedProcess
    private let network: Network
    private let target: () -> SimulatedRedis

    static let timeout: UInt64 = 2_000_000_000

    /// - Parameter target: the Redis that the process is directed to at the moment.
    init(process: SimulatedProcess, network: Network, target: @escaping () -> SimulatedRedis) {
        self.process = process
        self.network = network
        self.target = target
    }

    private func call<Reply: Sendable>(
        isWrite: Bool = true, _ operation: @escaping (SimulatedRedis) -> Result<Reply, StoreError>
    ) async throws(StoreError) -> Reply {
        guard !process.isDead else { throw .notSent(reason: "killed") }
        let redis = target()
        let delivery = await network.call(from: process, to: redis, incarnation: redis.incarnation, timeout: Self.timeout) {
            isWrite && !redis.isPrimary ? .failure(.refused(reason: "READONLY")) : operation(redis)
        }
        switch delivery {
        case .reply(let result): return try result.get()
        case .notSent: throw .notSent(reason: "no connection")
        case .lost: throw .outcomeUnknown(reason: "no reply")
        }
    }

    func identity() async throws(StoreError) -> StoreIdentity {
        try await call(isWrite: false) { redis in
            .success(
                StoreIdentity(run: redis.run, isPrimary: redis.isPrimary, isElected: redis.isElected, isAppendOnly: true, version: "7"))
        }
    }

    func loadScripts() async throws(StoreError) {
        try await call { redis in
            redis.hasScripts = true
            return .success(())
        }
    }

    func probe() async throws(StoreError) {
        try await call { _ in .success(()) }
    }

    func now() async throws(StoreError) -> Timestamp {
        try await call(isWrite: false) { .success($0.time) }
    }

    func read(_ sale: SaleID) async throws(StoreError) -> StockReading? {
        try await call(isWrite: false) { .success($0.sales[sale]?.reading) }
    }

    func read(_ questions: [StockQuestion]) async -> [Result<StockReading?, StoreError>] {
        var answers: [Result<StockReading?, StoreError>] = []
        for question in questions {
            do throws(StoreError) {
                var reading = try await read(question.sale)
                if let skus = question.skus, let items = reading?.items { reading?.items = items.filter { skus.contains($0.key) } }
                answers.append(.success(reading))
            } catch {
                answers.append(.failure(error))
            }
        }
        return answers
    }

    func changes(since position: ChangePosition?) async throws(StoreError) -> StockChanges {
        try await call(isWrite: false) { .success($0.changes(since: position)) }
    }

    /// The worlds are over long before their sales are.
    func forgetChanges(of sale: SaleID, _ skus: [SKU]) async throws(StoreError) {}

    func sync(_ sale: Sale) async throws(StoreError) -> SyncOutcome {
        try await call { redis in .success(redis.run(on: sale.id) { $0.sync(sale) }) }
    }

    func hold(_ units: Int64, of sku: SKU, in sale: SaleID, epoch: Epoch) async throws(StoreError) -> HoldOutcome {
        try await call { redis in .success(redis.run(on: sale) { $0.hold(units, of: sku, epoch: epoch) }) }
    }

    func beginRebuild(of sale: SaleID, epoch: Epoch, keeping kept: [HeldOrder]) async throws(StoreError) {
        try await call { redis in
            redis.run(on: sale) { $0.beginRebuild(epoch: epoch, keeping: kept) } ? .success(()) : .failure(.refused(reason: "STALEEPOCH"))
        }
    }

    func rebuild(_ entries: [RebuildEntry], of sale: SaleID, epoch: Epoch) async throws(StoreError) {
        try await call { redis in
            redis.run(on: sale) { $0.rebuild(entries, epoch: epoch) } ? .success(()) : .failure(.refused(reason: "STALEEPOCH"))
        }
    }

    func endRebuild(of sale: Sale) async throws(StoreError) -> SyncOutcome {
        try await call { redis in .success(redis.run(on: sale.id) { $0.endRebuild(of: sale) }) }
    }

    /// In two readings, between which entries come and go: as HSCAN, it tells for certain only what
    /// was there throughout.
    func reservations(of sale: SaleID, grantedBefore instant: Timestamp, countMax: Int) async throws(StoreError) -> [Reservation] {
        let (first, second): (UInt64, UInt64) = (0, 1)
        var found: [OrderID: Reservation] = [:]
        for half in [first, second] {
            let log = try await call(isWrite: false) { .success($0.sales[sale]?.log ?? [:]) }
            for (id, reservation) in log where id.low & 1 == half && reservation.grantedAt <= instant { found[id] = reservation }
        }
        return Array(found.values.sorted { $0.order < $1.order }.prefix(countMax))
    }

    func logCount(of sale: SaleID) async throws(StoreError) -> Int64 {
        try await call(isWrite: false) { .success(Int64($0.sales[sale]?.log.count ?? 0)) }
    }

    func heldOrders(of sale: SaleID) async throws(StoreError) -> [SKU: Set<OrderID>] {
        try await call(isWrite: false) { redis in
            var held: [SKU: Set<OrderID>] = [:]
            for (buyer, orders) in redis.sales[sale]?.buyers ?? [:] { held[buyer.sku, default: []].formUnion(orders.map(\.order)) }
            return .success(held)
        }
    }

    func heldOrders(_ ids: Set<OrderID>, of sale: SaleID) async throws(StoreError) -> [HeldOrder] {
        try await call(isWrite: false) { .success($0.sales[sale]?.held(ids) ?? []) }
    }

    func unitsInFlight(of sale: SaleID) async throws(StoreError) -> [SKU: Int64] {
        try await call(isWrite: false) { redis in
            .success((redis.sales[sale]?.log ?? [:]).values.reduce(into: [:]) { $0[$1.sku, default: 0] += Int64($1.quantity) })
        }
    }

    func reservation(_ order: OrderID, of sale: SaleID) async throws(StoreError) -> Reservation? {
        try await call(isWrite: false) { .success($0.sales[sale]?.log[order]) }
    }

    func hasReservations(_ sales: [SaleID]) async throws(StoreError) -> Bool {
        try await call(isWrite: false) { redis in .success(sales.contains { redis.sales[$0]?.log.isEmpty == false }) }
    }

    func settle(_ settlement: Settlement) async throws(StoreError) {
        if !settlement.committed.isEmpty {
            try await call { redis in
                redis.sales[settlement.sale]?.settle(committed: settlement.committed)
                return .success(())
            }
        }
        if !settlement.released.isEmpty {
            try await call { redis in
                redis.settle(released: settlement.released, of: settlement.sale)
                return .success(())
            }
        }
    }

    func share(_ seen: [LedgerTimeline]) async throws(StoreError) -> [LedgerTimeline] {
        try await call { .success($0.share(seen)) }
    }

    func move(_ moves: [StockMove], of sale: SaleID, epoch: Epoch) async throws(StoreError) -> [StockMove] {
        let known = try await call { .success($0.move(moves, of: sale, epoch: epoch)) }
        return zip(moves, known).filter(\.1).map(\.0)
    }
}
