import Logging
import NIOCore
import SaleCore
import SaleService

/// One running service of the world: the service's own code, wired as `ServerAssembly` wires it, over simulated stores.
final class Node {
    let process: SimulatedProcess
    /// The Redis that it is directed to.
    var redis: SimulatedRedis
    let catalog = CatalogStore()
    let lanes: LaneSet
    let care: OrderCare
    let queue: OrderQueue
    let admission: Admission
    private(set) var isDraining = false
    private let loops: [SimulatedEventLoop]
    private let connections: [NIOLoopBound<SimulatedLane>]

    struct Size {
        var lanes: Int
        var queueCapacity: Int
        var promisedWait: Duration
        var errands: Int
    }

    init(name: String, size: Size, network: Network, redis: SimulatedRedis, postgres: SimulatedPostgres) {
        let scheduler = network.scheduler
        let process = SimulatedProcess(name: name, scheduler: scheduler)
        self.process = process
        self.redis = redis
        let runtime = process.runtime
        let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
        let metrics = ServiceMetrics()
        let target = Target(redis)
        let store = RedisClient(process: process, network: network) { target.redis }
        let ledger = PostgresClient(process: process, network: network, postgres: postgres)
        let queue = OrderQueue(capacity: size.queueCapacity)
        let admission = Admission(capacity: size.queueCapacity, promisedWait: size.promisedWait)
        let attention = CatalogAttention(runtime: runtime)
        let logs = FilledLogs()
        let unknowns = UnknownOrders(journal: ledger, store: store, logger: logger, runtime: runtime)
        let errands = LaneErrands(limit: size.errands)
        let sweep = LeftoverSweep(store: store, journal: ledger)
        let replays = ReplayLookup(reader: ledger, store: store, sweep: sweep, runtime: runtime)
        let loops = (0..<size.lanes).map { _ in process.makeLoop() }
        let connections = loops.map { loop in
            NIOLoopBound(SimulatedLane(loop: loop, network: network) { target.redis }, eventLoop: loop)
        }
        let lanes = LaneSet(
            lanes: zip(loops, connections).enumerated().map { index, parts in
                NIOLoopBound(
                    PurchaseLane(
                        index: index, eventLoop: parts.0, store: parts.1.value, queue: queue, admission: admission, replays: replays,
                        unknowns: unknowns, errands: errands, metrics: metrics, attention: attention, runtime: runtime),
                    eventLoop: parts.0)
            }, loops: loops)
        let reserved = ReservedOrders(store: store, catalog: catalog, runtime: runtime)
        self.target = target
        self.loops = loops
        self.connections = connections
        self.lanes = lanes
        self.queue = queue
        self.admission = admission
        care = OrderCare(life: ledger, reserved: reserved, sweep: sweep)

        let writer = OrderWriter(
            queue: queue, journal: ledger, lanes: lanes, admission: admission, metrics: metrics, outage: Outage(logger: logger), logger: logger,
            runtime: runtime)
        let clockSkew = Int64.random(in: -600_000...600_000, using: &scheduler.random)
        let refresher = CatalogRefresher(
            ledger: ledger, store: store, catalog: catalog, logs: logs, attention: attention,
            repair: SaleRepair(ledger: ledger, store: store, journal: ledger, metrics: metrics, logger: logger, runtime: runtime), lanes: lanes,
            queue: queue,
            admission: admission, metrics: metrics, logger: logger, runtime: runtime,
            firstClock: StockClock(
                reading: Timestamp(milliseconds: WorldClock.epoch + clockSkew + Int64(scheduler.now / 1_000_000)), at: scheduler.now))
        let leftovers = LeftoverSweeper(catalog: catalog, logs: logs, sweep: sweep, metrics: metrics, logger: logger, runtime: runtime)
        let expiry = ExpirySweeper(life: ledger, metrics: metrics, logger: logger, runtime: runtime)
        let mover = StockMover(life: ledger, store: store, catalog: catalog, metrics: metrics, logger: logger, runtime: runtime)
        process.spawn { try? await writer.run() }
        process.spawn { try? await refresher.run() }
        process.spawn { try? await leftovers.run() }
        process.spawn { try? await expiry.run() }
        process.spawn { try? await mover.run() }
        process.spawn { try? await unknowns.run() }
        process.spawn { try? await errands.run() }
    }

    private let target: Target

    private final class Target: @unchecked Sendable {
        var redis: SimulatedRedis
        init(_ redis: SimulatedRedis) { self.redis = redis }
    }

    /// Its connections find out whom they are to talk to now.
    func direct(to redis: SimulatedRedis) {
        self.redis = redis
        target.redis = redis
        for (loop, connection) in zip(loops, connections) { loop.execute { connection.value.check() } }
    }

    func beginDraining() {
        isDraining = true
        lanes.beginDraining()
    }

    /// A purchase as it comes from the front: gate first, then the lane.
    func purchase(_ attempt: Attempt, of sale: SaleID, onLane number: Int) {
        let loop = loops[number % loops.count]
        let bound = NIOLoopBound(attempt, eventLoop: loop)
        loop.execute { [lanes] in
            let attempt = bound.value
            let lane = lanes.lane(on: loop)
            let now = loop.process.scheduler.now
            guard let counter = lane.counter(of: sale.rawValue) else { return attempt.purchaseEnded(.refused(.recovering)) }
            if let refusal = lane.refusalFromMemory(counter, hasKey: attempt.key != nil, at: now) {
                return attempt.purchaseEnded(.refused(refusal))
            }
            lane.submit(
                Purchase(
                    user: attempt.user, sku: attempt.sku, quantity: attempt.quantity, key: attempt.key, waitNanoseconds: attempt.waitNanoseconds,
                    arrivedAt: now),
                to: counter, waiter: attempt)
        }
    }
}
