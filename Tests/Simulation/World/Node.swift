import Logging
import NIOCore
import SaleCore
import SaleService
import ServiceLifecycle

/// One running service of the world: the service's own composition over simulated stores.
final class Node {
    let process: SimulatedProcess
    /// The Redis that it is directed to.
    var redis: SimulatedRedis
    let engine: SaleEngine
    private(set) var isDraining = false
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
        let target = Target(redis)
        self.target = target
        let stock = RedisClient(process: process, network: network) { target.redis }
        func session() -> PostgresClient { PostgresClient(process: process, network: network, postgres: postgres) }
        let ledger = session()
        connections = (0..<size.lanes).map { _ in
            let loop = process.makeLoop()
            return NIOLoopBound(SimulatedLane(loop: loop, network: network) { target.redis }, eventLoop: loop)
        }
        let clockSkew = Int64.random(in: -600_000...600_000, using: &scheduler.random)
        engine = SaleEngine(
            SaleEngine.Configuration(
                queueCapacity: size.queueCapacity, promisedWait: size.promisedWait, errandsMax: size.errands,
                firstClock: StockClock(
                    reading: Timestamp(milliseconds: WorldClock.epoch + clockSkew + scheduler.milliseconds), at: scheduler.now)),
            stores: StorePorts(
                stock: stock, journals: [JournalPort(session()), JournalPort(session())], recoveryJournal: session(), ledger: ledger, orders: ledger,
                life: ledger,
                timelines: TimelineShare(memory: ledger, store: stock)),
            connections: connections,
            context: ServiceContext(runtime: process.runtime, logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() }))
        for service in engine.services { process.spawn { try? await service.run() } }
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
        for connection in connections { connection.eventLoop.execute { connection.value.check() } }
    }

    func beginDraining() {
        isDraining = true
        engine.lanes.beginDraining()
    }

    /// A purchase as it comes from the front: gate first, then the lane.
    func purchase(_ attempt: Attempt, of sale: SaleID, onLane number: Int) {
        let loop = connections[number % connections.count].eventLoop
        let bound = NIOLoopBound(attempt, eventLoop: loop)
        loop.execute { [lanes = engine.lanes, scheduler = process.scheduler] in
            let attempt = bound.value
            let lane = lanes.lane(on: loop)
            let now = scheduler.now
            guard let laneSale = lane.laneSale(of: sale.rawValue) else { return attempt.purchaseEnded(.refused(.recovering)) }
            if let refusal = lane.refusalFromMemory(laneSale, hasKey: attempt.key != nil, at: now) {
                return attempt.purchaseEnded(.refused(refusal))
            }
            lane.submit(
                Purchase(user: attempt.user, sku: attempt.sku, quantity: attempt.quantity, key: attempt.key), to: laneSale, at: now,
                until: now + attempt.waitNanoseconds, waiter: attempt)
        }
    }
}
