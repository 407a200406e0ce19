import NIOCore
import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// A Redis that answers one lane when the test says so.
final class ScriptedRedis: ReservationLane {
    var run: String? = "run"
    private(set) var batches: [ReservationBatch] = []
    private(set) var settlements: [Settlement] = []
    private(set) var identifications = 0
    private var completions: [(Result<ReservationReply, StoreError>) -> Void] = []

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        batches.append(batch)
        completions.append(completion)
    }

    func identifyAgain() { identifications += 1 }
    func settle(_ settlement: Settlement) { settlements.append(settlement) }

    /// To the oldest batch without an answer.
    func answer(_ result: Result<ReservationReply, StoreError>) { completions.removeFirst()(result) }
}

final class Buyer: PurchaseWaiter {
    private(set) var outcomes: [PurchaseOutcome] = []
    var outcome: PurchaseOutcome? { outcomes.last }

    func purchaseEnded(_ outcome: PurchaseOutcome) { outcomes.append(outcome) }

    var isCommitted: Bool { if case .committed = outcome { true } else { false } }
    var isReserved: Bool { if case .reserved = outcome { true } else { false } }
}

/// One purchase lane over a scripted Redis and a simulated Postgres, and a sale of one phone that
/// is open.
final class LaneUnderTest {
    static let epoch: Epoch = 1
    static let terms = OrderTerms(unitPrice: 5, currency: Currency("EUR")!, payWithinMilliseconds: 60_000)

    let bed = TestBed()
    let redis = ScriptedRedis()
    let queue: OrderQueue
    let admission: Admission
    let refreshes: RefreshRequests
    let unknowns: UnknownOrders
    let lanes: LaneSet
    let lane: PurchaseLane

    init(capacity: Int = 100, errandsMax: Int = 100, runsErrands: Bool = true) {
        queue = OrderQueue(capacity: capacity)
        admission = Admission(capacity: capacity, promisedWait: .seconds(5))
        refreshes = RefreshRequests(runtime: bed.context.runtime)
        unknowns = UnknownOrders(journal: bed.ledger, log: bed.stock, bed.context)
        let errands = LaneErrands(limit: errandsMax)
        let node = LaneNode(
            queue: queue, admission: admission,
            replays: ReplayLookup(reader: bed.ledger, log: bed.stock, sweep: bed.sweep, runtime: bed.context.runtime), unknowns: unknowns,
            errands: errands, refreshes: refreshes, context: bed.context)
        let loop = bed.process.makeLoop()
        let store = NIOLoopBound(redis, eventLoop: loop)
        lanes = LaneSet(loops: [loop]) { PurchaseLane(index: $0, eventLoop: loop, store: store.value, node: node) }
        bed.pass()
        lane = lanes.lane(on: loop)
        if runsErrands { bed.process.spawn { try? await errands.run() } }
        _ = bed.postgres.books.make(
            [
                .create(
                    title: "", opensAt: bed.now, closesAt: bed.now.advanced(milliseconds: 3_600_000),
                    payWithinMilliseconds: Self.terms.payWithinMilliseconds),
                .addItem(TestBed.phone, title: "", unitPrice: 5, currency: Currency("EUR")!, stock: 10, limitPerUser: 2),
            ], to: TestBed.sale)
        look()
    }

    /// A look at the stores reaches the lane.
    func look(
        available: Int64 = 10, isProven: Bool = true, run: String? = "run", startedAt: MonotonicInstant? = nil,
        _ change: (inout Sale) -> Void = { _ in }
    ) {
        var sale = bed.saleInPostgres
        (sale.epoch, sale.provenRun) = (Self.epoch, "run")
        change(&sale)
        let reading = StockReading.Item(available: available, loaded: 10, stockVersion: 1)
        lane.update(
            LaneUpdate(
                changed: [SaleSnapshot(sale: sale, stock: [TestBed.phone: reading], isProven: isProven)], startedAt: startedAt ?? bed.scheduler.now,
                clock: StockClock(reading: bed.now, at: bed.scheduler.now), run: run))
    }

    var laneSale: LaneSale { lane.laneSale(of: TestBed.sale.rawValue)! }

    /// - Parameter wait: for the commit, in milliseconds.
    @discardableResult
    func buy(user: String = "ann", sku: SKU = TestBed.phone, quantity: Int = 1, key: String? = nil, wait: UInt64 = 1_000) -> Buyer {
        let buyer = Buyer()
        lane.submit(
            Purchase(user: UserID(user)!, sku: sku, quantity: quantity, key: key.flatMap { IdempotencyKey($0) }), to: laneSale,
            at: bed.scheduler.now, until: bed.scheduler.now + wait * 1_000_000, waiter: buyer)
        return buyer
    }

    /// To the oldest call: `verdict` on each of its purchases.
    func decide(_ verdict: ReservationVerdict = .granted) {
        let count = redis.batches.last?.requests.count ?? 0
        redis.answer(.success(.decided(at: bed.now, verdicts: Array(repeating: verdict, count: count))))
    }

    /// What the lane handed to the writer.
    func granted() -> [QueuedOrder] { queue.takeReady(countMax: .max) }

    /// Postgres takes all of `orders`.
    func commit(_ orders: [QueuedOrder], under terms: OrderTerms = LaneUnderTest.terms) {
        lane.deliver(JudgedBatch(orders, CommitVerdicts(all: orders.map(\.reservation), under: terms)))
    }
}
