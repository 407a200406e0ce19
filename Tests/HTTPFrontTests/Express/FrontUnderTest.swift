import Logging
import NIOCore
import NIOEmbedded
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

@testable import HTTPFront

/// The public port without sockets, over a Redis that grants at once and a Postgres that takes all: what arrives is read exactly in the pieces in which it is
/// sent. Knows the sale `demo` with `phone-x`, and `gone`, which is sold out.
final class FrontUnderTest {
    static let peer = "127.0.0.1"

    private let loop = EmbeddedEventLoop()
    private let store = GrantingLane()
    private let lane: PurchaseLane
    private let front: FrontChannel
    /// What Redis was asked for.
    var asked: [String] { store.asked }

    init(
        _ authenticator: Authenticator, perUser: RateLimit? = nil, perAddress: RateLimit? = nil, total: RateLimit? = nil,
        proxies: TrustedProxies? = nil, usesProxyProtocol: Bool = false, report: RequestReport = RequestReport()
    ) throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let runtime = Runtime.system
        // There, and not connected: no purchase of these tests asks for them.
        let redis = RedisStock(url: try RedisURL("redis://127.0.0.1:1/0"), eventLoopGroup: loop, logger: logger)
        let address = try PostgresAddress("host=127.0.0.1 port=1")
        let journal = PostgresJournal(address: address)
        lane = PurchaseLane(
            index: 0, eventLoop: loop, store: store, queue: OrderQueue(capacity: 1_000_000),
            admission: Admission(capacity: 1_000_000, promisedWait: .seconds(1)),
            replays: ReplayLookup(
                reader: PostgresOrders(address: address), store: redis, sweep: LeftoverSweep(store: redis, journal: journal), runtime: runtime),
            unknowns: UnknownOrders(journal: journal, store: redis, logger: logger, runtime: runtime), errands: LaneErrands(),
            metrics: ServiceMetrics(),
            attention: CatalogAttention(runtime: runtime), runtime: runtime)
        lane.update(Self.update)
        let desk = PurchaseDesk(
            lane: lane,
            configuration: PurchaseDesk.Configuration(
                authenticator: authenticator, limiters: RateLimiters(perUser: perUser, perAddress: perAddress, total: total), commitWait: .seconds(1),
                trustedProxies: proxies, report: report),
            metrics: PurchaseMetrics())
        // The embedded loop's clock stands still, and would be far behind.
        var limits = ConnectionLimits()
        limits.loopLagMax = .max
        front = FrontChannel(
            responder: { _, _, _ in }, desks: PurchaseDeskSet([(loop, NIOLoopBound(desk, eventLoop: loop))]),
            state: FrontState(limits: limits, proxyProtocol: usesProxyProtocol ? proxies.map { ProxyProtocol(proxies: $0, logger: logger) } : nil))
    }

    /// What is answered to `pieces`, each of which is one read of the socket.
    func answer(to pieces: [[UInt8]]) throws -> String {
        let channel = EmbeddedChannel(loop: loop)
        channel.remoteAddress = try SocketAddress(ipAddress: Self.peer, port: 1)
        _ = try front.setup(channel: channel, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })).wait()
        try channel.connect(to: SocketAddress(ipAddress: Self.peer, port: 1)).wait()
        for piece in pieces { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        loop.run()
        lane.deliver(store.takeGranted())
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return text
    }

    func answer(to text: String) throws -> String { try answer(to: [Array(text.utf8)]) }

    private static let update: LaneUpdate = {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
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

/// Grants everything, and keeps it as Postgres would judge it.
private final class GrantingLane: ReservationLane {
    static let name = "test"

    private var granted: [QueuedOrder] = []
    private var verdicts: [CommitVerdict] = []
    private(set) var asked: [String] = []

    var run: String? { Self.name }

    func identifyAgain() {}
    func settle(_ settlement: Settlement) {}

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        for request in batch.requests {
            asked.append("\(batch.sale) \(request.user) \(request.sku) \(request.quantity) \(request.key.map { "\($0)" } ?? "-")")
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
