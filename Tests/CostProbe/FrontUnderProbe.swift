import HTTPFront
import Logging
import NIOCore
import NIOEmbedded
import PostgresLedger
import RedisStock
import SaleCore
import SaleService

/// Connections of the public port without sockets, on one event loop, over a Redis that grants at
/// once and a Postgres that takes all.
///
/// What a purchase never asks for, such as the reservation log, is there and not connected.
final class FrontUnderProbe {
    /// Purchases that are decided together.
    static let batch = 32

    private let loop = EmbeddedEventLoop()
    private let store = GrantingLane()
    private let engine: SaleEngine
    private let lane: PurchaseLane
    private var channels: [EmbeddedChannel] = []
    private let request: ByteBuffer

    init(connections: Int, stock: Int64) throws {
        var logger = Logger(label: "probe")
        logger.logLevel = .critical
        // There, and not connected: no purchase of the probe's asks for them.
        let redis = RedisStockStore(url: try RedisURL("redis://127.0.0.1:1/0"), eventLoopGroup: loop, logger: logger)
        let sessions = PostgresSessions(address: try PostgresAddress("host=127.0.0.1 port=1"))
        engine = SaleEngine(
            SaleEngine.Configuration(
                queueCapacity: 100_000_000, promisedWait: .seconds(1), firstClock: StockClock(reading: GrantingLane.now, at: monotonicNow())),
            stores: StorePorts(
                stock: redis, journals: sessions.journals.map { JournalPort($0) }, recoveryJournal: sessions.recoveryJournal,
                ledger: PostgresCatalog(sessions: sessions),
                orders: PostgresOrders(sessions: sessions), life: PostgresOrderLife(sessions: sessions),
                timelines: TimelineShare(memory: PostgresTimelines(), store: redis)),
            connections: [NIOLoopBound(store, eventLoop: loop)], context: ServiceContext(logger: logger))
        loop.run()
        lane = engine.lanes.lane(on: loop)
        request = ByteBuffer(
            string: "POST /v1/sales/probe/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: 30\r\n"
                + "X-User-Id: a-user-of-usual-length-1\r\n\r\n{\"sku\":\"phone-x\",\"quantity\":1}")
        let update = Self.update(stock: stock)
        lane.update(update)
        let pages = SalePages()
        pages.update(Dictionary(uniqueKeysWithValues: update.changed.map { ($0.id, $0) }))
        let shared = PurchaseContext(
            lane: lane,
            configuration: PurchaseContext.Configuration(
                authenticator: .trustedHeader, limiters: RateLimiters(perUser: nil, perAddress: nil, total: nil), commitWait: .seconds(1),
                pages: pages, origins: AllowedOrigins("https://shop.example")),
            metrics: PurchaseMetrics())
        // The embedded loop's clock stands still: taken for late, the loop would refuse every
        // purchase before it was read.
        var limits = ConnectionLimits()
        (limits.loopLagMax, limits.loopLagBrowsingMax) = (.max, .max)
        let front = FrontChannel(
            responder: { _, _, _ in }, contexts: PurchaseContexts([(loop, NIOLoopBound(shared, eventLoop: loop))]),
            environment: ConnectionEnvironment(limits: limits))
        for _ in 0..<connections {
            let channel = EmbeddedChannel(loop: loop)
            _ = try front.setup(channel: channel, logger: logger).wait()
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            channels.append(channel)
        }
    }

    private static func update(stock: Int64) -> LaneUpdate {
        let now = GrantingLane.now
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

    /// The request of a client that has the page already, as it would write it.
    func unmodified() throws -> ByteBuffer {
        try channels[0].writeInbound(Self.page)
        let answer = try channels[0].readOutbound(as: ByteBuffer.self).map { String(buffer: $0) } ?? ""
        guard let tag = answer.firstMatch(of: #/\r\nETag: ([^\r]+)\r\n/#)?.1 else { fatalError("a page has a tag") }
        return ByteBuffer(string: "GET /v1/sales/probe HTTP/1.1\r\n\(Self.usualHeaders)If-None-Match: \(tag)\r\n\r\n")
    }

    /// Asks for something that is answered at once with `status`.
    func ask(_ request: ByteBuffer, status: UInt32, _ count: Int) throws {
        for _ in 0..<count {
            try channels[0].writeInbound(request)
            guard try channels[0].readOutbound(as: ByteBuffer.self)?.hasStatus(status) == true else { fatalError("the answer is another") }
        }
    }

    private static let usualHeaders = "Host: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n"
    static let page = ByteBuffer(string: "GET /v1/sales/probe HTTP/1.1\r\n\(usualHeaders)\r\n")
    static let preflight = ByteBuffer(
        string: "OPTIONS /v1/sales/probe/orders HTTP/1.1\r\n\(usualHeaders)Origin: https://shop.example\r\n"
            + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type,idempotency-key\r\n\r\n")

    /// - Parameter count: rounded up to whole batches.
    func sell(_ count: Int) throws {
        for _ in 0..<(count + Self.batch - 1) / Self.batch {
            for channel in channels { try channel.writeInbound(request) }
            loop.run()
            let granted = engine.queue.takeReady(countMax: .max)
            lane.deliver(JudgedBatch(granted, CommitVerdicts(all: granted.map(\.reservation), under: GrantingLane.terms)))
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

/// Grants everything.
private final class GrantingLane: ReservationLane {
    static let name = "probe"
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    static let terms = OrderTerms(unitPrice: 399_900, currency: Currency("CNY")!, payWithinMilliseconds: 900_000)

    var run: String? { Self.name }

    func identifyAgain() {}
    func settle(_ settlement: Settlement) {}

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        completion(.success(.decided(at: Self.now, verdicts: Array(repeating: .granted, count: batch.requests.count))))
    }
}
