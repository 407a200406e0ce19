import Logging
import NIOCore
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// A Redis that grants everything.
final class GrantingLane: ReservationLane {
    static let name = "test"
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private static let terms = OrderTerms(unitPrice: 399_900, currency: Currency("CNY")!, payWithinMilliseconds: 900_000)

    /// To which its lane hands what is granted.
    fileprivate(set) var queue = OrderQueue(capacity: 1)
    private(set) var asked: [String] = []
    /// Called when some more is granted.
    var onGranted: () -> Void = {}

    var run: String? { Self.name }

    func identifyAgain() {}
    func settle(_ settlement: Settlement) {}

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        for request in batch.requests {
            asked.append("\(batch.sale) \(request.user) \(request.sku) \(request.quantity) \(request.key.map { "\($0)" } ?? "-")")
        }
        completion(.success(.decided(at: Self.now, verdicts: Array(repeating: .granted, count: batch.requests.count))))
        onGranted()
    }

    /// What was granted since the last call, as Postgres would judge it.
    func takeGranted() -> JudgedBatch {
        let granted = queue.takeReady(countMax: .max)
        return JudgedBatch(granted, CommitVerdicts(all: granted.map(\.reservation), under: Self.terms))
    }
}

extension PurchaseLane {
    /// Knows the sale `demo` with `phone-x`, `gone`, which is sold out, and `halted`. On `loop`.
    static func granting(over store: GrantingLane, on loop: any EventLoop) throws -> PurchaseLane {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        // There, and not connected: no purchase of these tests asks for them.
        let redis = RedisStockStore(url: try RedisURL("redis://127.0.0.1:1/0"), eventLoopGroup: loop, logger: logger)
        let sessions = PostgresSessions(address: try PostgresAddress("host=127.0.0.1 port=1"))
        let engine = SaleEngine(
            SaleEngine.Configuration(
                queueCapacity: 1_000_000, promisedWait: .seconds(1), firstClock: StockClock(reading: GrantingLane.now, at: monotonicNow())),
            stores: StorePorts(
                stock: redis, journals: sessions.journals.map { JournalPort($0) }, recoveryJournal: sessions.recoveryJournal,
                ledger: PostgresCatalog(sessions: sessions),
                orders: PostgresOrders(sessions: sessions), life: PostgresOrderLife(sessions: sessions),
                timelines: TimelineShare(memory: PostgresTimelines(), store: redis)),
            connections: [NIOLoopBound(store, eventLoop: loop)], context: ServiceContext(logger: logger))
        store.queue = engine.queue
        let lane = engine.lanes.lane(on: loop)
        lane.update(.ofTests)
        return lane
    }
}

extension LaneUpdate {
    static let ofTests: LaneUpdate = {
        let now = GrantingLane.now
        let sku = SKU("phone-x")!
        func sale(_ name: String, stock: Int64) -> SaleSnapshot {
            let item = SaleItem(
                sku: sku, title: "Phone X", unitPrice: 399_900, currency: Currency("CNY")!, loaded: stock, committed: 0, limitPerUser: 1_000,
                version: 1)
            let sale = Sale(
                id: SaleID(name)!, title: "Test", status: name == "halted" ? .paused : .open, opensAt: now.advanced(milliseconds: -1_000),
                closesAt: now.advanced(milliseconds: 3_600_000_000), payWithinMilliseconds: 900_000, version: 1, epoch: 1,
                provenRun: GrantingLane.name, items: [item])
            let reading = StockReading.Item(available: stock, loaded: stock, stockVersion: 1, lastMove: 0)
            return SaleSnapshot(sale: sale, stock: [sku: reading], isProven: true)
        }
        return LaneUpdate(
            changed: [sale("demo", stock: 1_000_000), sale("gone", stock: 0), sale("halted", stock: 10)], startedAt: monotonicNow(),
            clock: StockClock(reading: now, at: monotonicNow()), run: GrantingLane.name)
    }()
}
