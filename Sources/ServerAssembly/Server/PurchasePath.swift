import HTTPFront
import Logging
import NIOCore
import NIOPosix
import RedisStock
import SaleCore
import SaleService

/// Everything between the public port and the two stores: one lane and one Redis connection per event loop, one queue, one writer.
struct PurchasePath: Sendable {
    let desks: PurchaseDeskSet
    let lanes: LaneSet
    let catalog: CatalogStore
    let writer: OrderWriter
    let refresher: CatalogRefresher
    let sweeper: LeftoverSweeper
    private let connections: [(loop: any EventLoop, lane: NIOLoopBound<RedisLane>)]

    init(settings: Settings, stores: Stores, authenticator: Authenticator, group: MultiThreadedEventLoopGroup, logger: Logger) async {
        let metrics = ServiceMetrics()
        let queue = OrderQueue(capacity: settings.queueCapacity)
        let admission = Admission(capacity: settings.queueCapacity, promisedWait: settings.commitWait)
        let attention = CatalogAttention()
        let desk = PurchaseDesk.Configuration(
            authenticator: authenticator,
            limiters: RateLimiters(perUser: settings.limitPerUser, perAddress: settings.limitPerAddress, total: settings.limitTotal),
            commitWait: settings.commitWait)
        let replays = ReplayLookup(reader: stores.orders, store: stores.redis)
        let purchaseMetrics = PurchaseMetrics()

        var made: [LoopParts] = []
        for (index, loop) in group.makeIterator().enumerated() {
            made.append(
                await Self.onLoop(loop) {
                    let connection = RedisLane(url: stores.redisURL, eventLoop: loop, logger: logger)
                    connection.connect()
                    let lane = PurchaseLane(
                        index: index, eventLoop: loop, store: connection, queue: queue, admission: admission, replays: replays,
                        metrics: metrics, attention: attention)
                    return LoopParts(
                        loop: loop, connection: NIOLoopBound(connection, eventLoop: loop), lane: NIOLoopBound(lane, eventLoop: loop),
                        desk: NIOLoopBound(PurchaseDesk(lane: lane, configuration: desk, metrics: purchaseMetrics), eventLoop: loop))
                })
        }
        desks = PurchaseDeskSet(made.map { ($0.loop, $0.desk) })
        lanes = LaneSet(lanes: made.map(\.lane), loops: made.map(\.loop))
        connections = made.map { ($0.loop, $0.connection) }
        catalog = CatalogStore()
        writer = OrderWriter(queue: queue, journal: stores.journal, lanes: lanes, admission: admission, metrics: metrics, logger: logger)
        refresher = CatalogRefresher(
            ledger: stores.catalog, store: stores.redis, catalog: catalog, attention: attention,
            repair: SaleRepair(ledger: stores.catalog, store: stores.redis, journal: stores.journal, metrics: metrics, logger: logger),
            lanes: lanes, queue: queue, admission: admission, metrics: metrics, logger: logger,
            firstClock: StockClock(reading: .wallClock, at: monotonicNow()))
        sweeper = LeftoverSweeper(
            catalog: catalog, sweep: LeftoverSweep(store: stores.redis, journal: stores.journal), metrics: metrics, logger: logger)
    }

    /// Awaits the settlements that are under way and closes the lanes' connections.
    func close() async {
        for (loop, lane) in connections {
            try? await loop.flatSubmit { lane.value.close() }.get()
        }
    }

    private struct LoopParts: Sendable {
        let loop: any EventLoop
        let connection: NIOLoopBound<RedisLane>
        let lane: NIOLoopBound<PurchaseLane>
        let desk: NIOLoopBound<PurchaseDesk>
    }

    private static func onLoop(_ loop: any EventLoop, _ make: @escaping @Sendable () -> LoopParts) async -> LoopParts {
        do {
            return try await loop.submit(make).get()
        } catch {
            fatalError("an event loop that was just started runs its tasks")
        }
    }
}
