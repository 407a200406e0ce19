import HTTPFront
import Logging
import NIOCore
import NIOEmbedded
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// Connections of the public port without sockets, on one event loop, over a Redis that grants at once and a Postgres that takes all.
///
/// What a purchase never asks for, such as the reservation log, is there and not connected.
final class FrontUnderProbe {
    /// Purchases that are decided together.
    static let batch = 32

    private let loop = EmbeddedEventLoop()
    private let store = GrantingLane()
    private let lane: PurchaseLane
    private var channels: [EmbeddedChannel] = []
    private let request: ByteBuffer

    init(connections: Int, stock: Int64) throws {
        var logger = Logger(label: "probe")
        logger.logLevel = .critical
        let runtime = Runtime.system
        let redis = RedisStock(url: try RedisURL("redis://127.0.0.1:1/0"), eventLoopGroup: loop, logger: logger)
        let address = try PostgresAddress("host=127.0.0.1 port=1")
        let journal = PostgresJournal(address: address)
        let sweep = LeftoverSweep(store: redis, journal: journal)
        lane = PurchaseLane(
            index: 0, eventLoop: loop, store: store, queue: OrderQueue(capacity: 100_000_000),
            admission: Admission(
                capacity: 1_000_000, promisedWait: .seconds(1)),
            replays: ReplayLookup(reader: PostgresOrders(address: address), store: redis, sweep: sweep, runtime: runtime),
            unknowns: UnknownOrders(journal: journal, store: redis, logger: logger, runtime: runtime), errands: LaneErrands(),
            metrics: ServiceMetrics(),
            attention: CatalogAttention(runtime: runtime), runtime: runtime)
        request = ByteBuffer(
            string: "POST /v1/sales/probe/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: 30\r\n"
                + "X-User-Id: a-user-of-usual-length-1\r\n\r\n{\"sku\":\"phone-x\",\"quantity\":1}")
        lane.update(Self.update(stock: stock))
        let desk = PurchaseDesk(
            lane: lane,
            configuration: PurchaseDesk.Configuration(
                authenticator: .trustedHeader, limiters: RateLimiters(perUser: nil, perAddress: nil, total: nil), commitWait: .seconds(1)),
            metrics: PurchaseMetrics())
        // The embedded loop's clock stands still: taken for late, the loop would refuse every purchase before it was read.
        var limits = ConnectionLimits()
        limits.loopLagMax = .max
        let front = FrontChannel(
            responder: { _, _, _ in }, desks: PurchaseDeskSet([(loop, NIOLoopBound(desk, eventLoop: loop))]), state: FrontState(limits: limits))
        for _ in 0..<connections {
            let channel = EmbeddedChannel(loop: loop)
            _ = try front.setup(channel: channel, logger: logger).wait()
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            channels.append(channel)
        }
    }

    private static func update(stock: Int64) -> LaneUpdate {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let sku = SKU("phone-x")!
        let item = SaleItem(
            sku: sku, title: "Phone X", unitPrice: 399_900, currency: Currency("CNY")!, loaded: stock, committed: 0, limitPerUser: 1_000, version: 1)
        let sale = Sale(
            id: SaleID("probe")!, title: "Probe", status: .open, opensAt: now.advanced(milliseconds: -1_000),
            closesAt: now.advanced(milliseconds: 3_600_000_000), payWithinMilliseconds: 900_000, version: 1, epoch: 1, provenRun: GrantingLane.name,
            items: [item])
        let reading = StockReading.Item(available: stock, loaded: stock, stockVersion: 1, lastMove: 0)
        return LaneUpdate(
            changed: [SaleSnapshot(sale: sale, stock: [sku: reading], isProven: true)], startedAt: monotonicNow(),
            clock: StockClock(reading: now, at: monotonicNow()), run: GrantingLane.name)
    }

    func refuse(_ count: Int) throws {
        for _ in 0..<count {
            try channels[0].writeInbound(request)
            guard try channels[0].readOutbound(as: ByteBuffer.self)?.hasStatus(409) == true else {
                fatalError("a sold-out sale is refused at once")
            }
        }
    }

    /// - Parameter count: rounded up to whole batches.
    func sell(_ count: Int) throws {
        for _ in 0..<(count + Self.batch - 1) / Self.batch {
            for channel in channels { try channel.writeInbound(request) }
            loop.run()
            lane.deliver(store.takeGranted())
            for channel in channels {
                guard try channel.readOutbound(as: ByteBuffer.self)?.hasStatus(201) == true else {
                    fatalError("a committed purchase is answered at once")
                }
            }
        }
    }
}

extension ByteBuffer {
    /// Looks at four bytes in one: the probe's own instructions are counted, too.
    fileprivate func hasStatus(_ status: UInt32) -> Bool {
        let digits = (0x30 + status / 100) << 16 | (0x30 + status / 10 % 10) << 8 | (0x30 + status % 10)
        return getInteger(at: readerIndex + "HTTP/1.1 ".utf8.count - 1, as: UInt32.self) == 0x20 << 24 | digits
    }
}

/// Grants everything, and keeps it as Postgres would judge it.
private final class GrantingLane: ReservationLane {
    static let name = "probe"

    private var granted: [QueuedOrder] = []
    private var verdicts: [CommitVerdict] = []

    var run: String? { Self.name }

    func identifyAgain() {}
    func settle(_ settlement: Settlement) {}

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        for request in batch.requests {
            let reservation = Reservation(
                order: request.order, sale: batch.sale, sku: request.sku, user: request.user, quantity: request.quantity, key: request.key,
                epoch: batch.epoch, grantedAt: now)
            let order = Order(
                id: request.order, sale: batch.sale, sku: request.sku, user: request.user, quantity: request.quantity, unitPrice: 399_900,
                currency: Currency("CNY")!, state: .awaitingPayment, createdAt: now, payBy: now.advanced(milliseconds: 900_000))
            granted.append(QueuedOrder(reservation: reservation, lane: 0))
            verdicts.append(.committed(order))
        }
        completion(.success(.decided(at: now, verdicts: Array(repeating: .granted, count: batch.requests.count))))
    }

    func takeGranted() -> JudgedBatch {
        defer { (granted, verdicts) = ([], []) }
        return JudgedBatch(granted, verdicts)
    }
}
