import Logging
import SaleCore
import Synchronization
import Testing

@testable import SaleService
@testable import Simulation

/// One process of the service with both stores, on virtual time: nothing happens but what a test
/// makes happen, in the same order each time.
final class TestBed {
    static let sale = SaleID("flash")!
    static let phone = SKU("phone")!

    let scheduler = Scheduler(seed: 1)
    let network: Network
    let redis: SimulatedRedis
    let postgres: SimulatedPostgres
    let process: SimulatedProcess
    let stock: RedisClient
    let ledger: PostgresClient
    let context: ServiceContext

    init() {
        network = Network(scheduler: scheduler)
        let redis = SimulatedRedis(name: "redis", scheduler: scheduler)
        self.redis = redis
        postgres = SimulatedPostgres(scheduler: scheduler)
        process = SimulatedProcess(name: "node", scheduler: scheduler)
        stock = RedisClient(process: process, network: network) { redis }
        ledger = PostgresClient(process: process, network: network, postgres: postgres)
        context = ServiceContext(runtime: process.runtime, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit {
        process.kill()
        scheduler.stop()
    }

    var now: Timestamp { redis.time }
    var sweep: LogRecovery { LogRecovery(log: stock, journal: ledger) }

    // MARK: Time

    func pass(milliseconds: UInt64 = 0) {
        _ = scheduler.run(until: scheduler.now + milliseconds * 1_000_000)
    }

    /// What `work` came to, however long it took of the virtual time.
    func result<Value: Sendable>(of work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let outcome = Mutex<Result<Value, any Error>?>(nil)
        process.spawn {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        _ = scheduler.run(until: scheduler.now + 120_000_000_000) { outcome.withLock { $0 != nil } }
        return try #require(outcome.withLock { $0 }).get()
    }

    // MARK: The sale

    /// An open sale, in both stores and proven.
    func openSale(stock units: Int64 = 10, limit: Int = 2, payWithin: Int64 = 600_000, id: SaleID = sale) throws {
        let refusal = postgres.books.make(
            [
                .create(title: "", opensAt: now, closesAt: now.advanced(milliseconds: 3_600_000), payWithinMilliseconds: payWithin),
                .addItem(Self.phone, title: "", unitPrice: 5, currency: Currency("EUR")!, stock: units, limitPerUser: limit),
            ], to: id)
        #expect(refusal == nil)
        try repair(id)
    }

    func repair(_ sale: SaleID = sale) throws {
        let repair = SaleRepair(ledger: ledger, store: stock, journal: ledger, context)
        var unsound = UnsoundSales()
        unsound.unproven = [sale]
        _ = try result { [unsound] in await repair.repair(unsound) }
    }

    var saleInPostgres: Sale { postgres.books.sales[Self.sale]! }
    var saleInRedis: RedisSale { redis.sales[Self.sale, default: RedisSale()] }
    var available: Int64? { saleInRedis.stock[Self.phone]?.available }

    /// What a look would tell of the sale.
    func snapshot() -> SaleSnapshot {
        SaleSnapshot(sale: saleInPostgres, stock: saleInRedis.reading?.items, isProven: saleInPostgres.provenRun == redis.run)
    }

    func publish(to catalog: CatalogStore, unproven: [SaleID] = []) {
        let sales = postgres.books.sales.mapValues { sale in
            SaleSnapshot(sale: sale, stock: redis.sales[sale.id]?.reading?.items, isProven: !unproven.contains(sale.id))
        }
        catalog.publish(CatalogSnapshot(sales: sales, unproven: unproven, clock: StockClock(reading: now, at: scheduler.now)))
    }

    // MARK: Orders

    /// Grants a purchase in Redis, as the script does, and brings it no further. Its id hints at no
    /// sale.
    @discardableResult
    func grant(_ number: UInt64, user: String? = nil, quantity: Int = 1, key: String? = nil) -> Reservation {
        let sale = saleInPostgres
        let request = ReservationRequest(
            order: OrderID(high: UInt64(now.milliseconds) << 16 | 0x7000, low: 0x8010_0000_0000_0000 | number),
            purchase: Purchase(
                user: UserID(user ?? "user-\(number)")!, sku: Self.phone, quantity: quantity, key: key.flatMap { IdempotencyKey($0) }))
        redis.hasScripts = true
        _ = redis.reserve(ReservationBatch(sale: sale.id, epoch: sale.epoch, requests: [request]))
        return Reservation(request, of: sale.id, epoch: sale.epoch, grantedAt: now)
    }

    @discardableResult
    func commit(_ reservations: Reservation...) -> CommitVerdicts { postgres.books.commit(reservations) }

    func state(of reservation: Reservation) -> OrderState? { postgres.books.order(reservation.order)?.state }
    func isInLog(_ reservation: Reservation) -> Bool { saleInRedis.log[reservation.order] != nil }
}
