import HTTPFront
import Logging
import NIOCore
import NIOPosix
import RedisStock
import SaleCore
import SaleService
import ServiceLifecycle

/// Everything between the public port and the two stores: one lane and one Redis connection per event loop, one queue, one writer.
struct PurchasePath: Sendable {
    let desks: PurchaseDeskSet
    let lanes: LaneSet
    let catalog: CatalogStore
    private let writer: OrderWriter
    private let refresher: CatalogRefresher
    let care: OrderCare
    let reservedOrders: ReservedOrders
    private let recovery: [any Service]
    private let admission: Admission
    private let connections: [(loop: any EventLoop, lane: NIOLoopBound<RedisLane>)]

    init(
        settings: Settings, stores: Stores, authenticator: Authenticator, report: RequestReport, group: MultiThreadedEventLoopGroup, logger: Logger
    ) async {
        let metrics = ServiceMetrics()
        metrics.started(queueCapacity: settings.queueCapacity)
        let outage = Outage(logger: logger)
        let queue = OrderQueue(capacity: settings.queueCapacity)
        let admission = Admission(capacity: settings.queueCapacity, promisedWait: settings.commitWait)
        let runtime = Runtime.system
        let attention = CatalogAttention(runtime: runtime)
        // Another Redis is there, or the same again: what it says is wanted now.
        stores.redis.onConnected { attention.look() }
        let catalog = CatalogStore()
        let logs = FilledLogs()
        let unknowns = UnknownOrders(journal: stores.recoveryJournal, store: stores.redis, logger: logger, runtime: runtime)
        let errands = LaneErrands()
        let sweep = LeftoverSweep(store: stores.redis, journal: stores.recoveryJournal)
        let desk = PurchaseDesk.Configuration(
            authenticator: authenticator,
            limiters: RateLimiters(perUser: settings.limitPerUser, perAddress: settings.limitPerAddress, total: settings.limitTotal),
            commitWait: settings.commitWait, trustedProxies: settings.trustedProxies,
            onUnreadableAddress: ForwardingWarning(logger: logger).unreadable, report: report)
        let replays = ReplayLookup(reader: stores.orders, store: stores.redis, sweep: sweep, runtime: runtime)
        let purchaseMetrics = PurchaseMetrics()

        var made: [LoopParts] = []
        for (index, loop) in group.makeIterator().enumerated() {
            made.append(
                await Self.onLoop(loop) {
                    let connection = RedisLane(url: stores.redisURL, eventLoop: loop, logger: logger)
                    connection.connect()
                    let lane = PurchaseLane(
                        index: index, eventLoop: loop, store: connection, queue: queue, admission: admission, replays: replays,
                        unknowns: unknowns, errands: errands, metrics: metrics, attention: attention, runtime: runtime)
                    return LoopParts(
                        loop: loop, connection: NIOLoopBound(connection, eventLoop: loop), lane: NIOLoopBound(lane, eventLoop: loop),
                        desk: NIOLoopBound(PurchaseDesk(lane: lane, configuration: desk, metrics: purchaseMetrics), eventLoop: loop))
                })
        }
        desks = PurchaseDeskSet(made.map { ($0.loop, $0.desk) })
        lanes = LaneSet(lanes: made.map(\.lane), loops: made.map(\.loop))
        connections = made.map { ($0.loop, $0.connection) }
        self.catalog = catalog
        self.admission = admission
        writer = OrderWriter(
            queue: queue, journal: stores.journal, lanes: lanes, admission: admission, metrics: metrics, outage: outage, logger: logger,
            runtime: runtime)
        refresher = CatalogRefresher(
            ledger: stores.catalog, store: stores.redis, catalog: catalog, logs: logs, attention: attention,
            repair: SaleRepair(
                ledger: stores.catalog, store: stores.redis, journal: stores.recoveryJournal, metrics: metrics, logger: logger, runtime: runtime),
            lanes: lanes, queue: queue, admission: admission, metrics: metrics, logger: logger, runtime: runtime,
            firstClock: StockClock(reading: .wallClock, at: monotonicNow()))
        reservedOrders = ReservedOrders(store: stores.redis, catalog: catalog, runtime: runtime)
        care = OrderCare(life: stores.life, reserved: reservedOrders, sweep: sweep)
        recovery = [
            LeftoverSweeper(catalog: catalog, logs: logs, sweep: sweep, metrics: metrics, logger: logger, runtime: runtime),
            ExpirySweeper(life: stores.life, metrics: metrics, logger: logger, runtime: runtime),
            StockMover(life: stores.life, store: stores.redis, catalog: catalog, metrics: metrics, logger: logger, runtime: runtime),
            LedgerWatch(
                reader: stores.orders, timelines: stores.timelines, admission: admission, metrics: metrics, outage: outage, runtime: runtime),
            StockWatch(ledger: stores.orders, catalog: catalog, runtime: runtime),
            unknowns,
            // The last to start and the first to stop: when the ports have closed, nobody waits for one that has not begun.
            errands,
        ]
    }

    /// Purchases that are granted, or may be, and have no verdict yet.
    var ordersLeft: Int { admission.count }

    /// Of the oldest batch that Postgres has not judged, in nanoseconds.
    var commitAge: @Sendable () -> UInt64 {
        { [admission] in admission.commitAge(at: monotonicNow()) ?? 0 }
    }

    /// What must run, in the order of the start.
    var services: [any Service] { [writer, refresher] + recovery }

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
