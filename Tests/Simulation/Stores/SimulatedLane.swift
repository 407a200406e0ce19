import NIOCore
import SaleCore
import SaleService

/// One event loop's connection to Redis: it learns at the start who is at the other end, and loses
/// it when that one is gone.
final class SimulatedLane: ReservationLane {
    private let loop: SimulatedEventLoop
    private let network: Network
    private let target: () -> SimulatedRedis
    private var connection: (redis: SimulatedRedis, incarnation: Int, run: String?)?
    private var isConnecting = false
    private var kept = KeptSettlements()
    private var isSettlementTimerRunning = false

    private static let reconnectDelay: ClosedRange<UInt64> = 1...120

    init(loop: SimulatedEventLoop, network: Network, target: @escaping () -> SimulatedRedis) {
        self.loop = loop
        self.network = network
        self.target = target
        connect()
    }

    var run: String? { connection?.run }

    /// Called again and again until it is connected.
    private func connect() {
        guard !isConnecting, !loop.process.isDead else { return }
        isConnecting = true
        connection = nil
        let redis = target()
        let incarnation = redis.incarnation
        let bound = NIOLoopBound(self, eventLoop: loop)
        network.send(from: loop.process, to: redis, incarnation: incarnation, timeout: RedisClient.timeout) {
            redis.isPrimary ? redis.run : nil
        } completion: { [loop, network] delivery in
            loop.execute {
                bound.value.isConnecting = false
                if case .reply(let run?) = delivery {
                    bound.value.connection = (redis, incarnation, run)
                } else {
                    loop.scheduleTask(in: .nanoseconds(Int64(network.scheduler.random.span(Self.reconnectDelay)))) { bound.value.connect() }
                }
            }
        }
    }

    /// Leaves a Redis that is gone, or that the process is no longer directed to.
    func check() {
        guard let (redis, incarnation, _) = connection else { return connect() }
        if !redis.isUp || redis.incarnation != incarnation || redis !== target() { connect() }
    }

    func identifyAgain() {
        guard let (redis, incarnation, _) = connection else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        network.send(from: loop.process, to: redis, incarnation: incarnation, timeout: RedisClient.timeout) {
            redis.isPrimary ? redis.run : nil
        } completion: { [loop] delivery in
            loop.execute {
                guard bound.value.connection?.redis === redis, bound.value.connection?.incarnation == incarnation else { return }
                if case .reply(let run?) = delivery { bound.value.connection?.run = run } else { bound.value.connect() }
            }
        }
    }

    func reserve(_ batch: ReservationBatch, completion: @escaping (Result<ReservationReply, StoreError>) -> Void) {
        sendKeptSettlements()
        guard let (redis, incarnation, _) = connection else { return completion(.failure(.notSent(reason: "no connection"))) }
        let bound = NIOLoopBound((self, completion), eventLoop: loop)
        network.send(from: loop.process, to: redis, incarnation: incarnation, timeout: RedisClient.timeout, isOnce: true) {
            redis.reserve(batch)
        } completion: { [loop] delivery in
            loop.execute {
                let (lane, completion) = bound.value
                switch delivery {
                case .reply(let result):
                    completion(result)
                    if case .failure(.refused) = result { lane.connect() }
                case .notSent:
                    completion(.failure(.notSent(reason: "broken")))
                    lane.connect()
                case .lost:
                    completion(.failure(.outcomeUnknown(reason: "no reply")))
                    lane.connect()
                }
            }
        }
    }

    func settle(_ settlement: Settlement) {
        for due in kept.add(settlement) { send(due) }
        guard kept.count > 0, !isSettlementTimerRunning else { return }
        isSettlementTimerRunning = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: TimeAmount(Limits.settlementDelay)) {
            bound.value.isSettlementTimerRunning = false
            bound.value.sendKeptSettlements()
        }
    }

    private func sendKeptSettlements() {
        for settlement in kept.takeAll() { send(settlement) }
    }

    private func send(_ settlement: Settlement) {
        guard let (redis, incarnation, _) = connection else { return }
        for part in [
            Settlement(sale: settlement.sale, committed: settlement.committed), Settlement(sale: settlement.sale, released: settlement.released),
        ] {
            guard !part.committed.isEmpty || !part.released.isEmpty else { continue }
            network.send(from: loop.process, to: redis, incarnation: incarnation, timeout: RedisClient.timeout) {
                guard redis.isPrimary else { return }
                redis.sales[part.sale]?.settle(committed: part.committed)
                if !part.released.isEmpty { redis.settle(released: part.released, of: part.sale) }
            } completion: { (_: Delivery<Void>) in
            }
        }
    }
}
