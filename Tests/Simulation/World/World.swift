import Logging
import NIOCore
import SaleCore
import SaleService

/// One world: nodes, stores, buyers and what befalls them, all drawn from one seed.
final class World {
    let scheduler: Scheduler
    let network: Network
    let postgres: SimulatedPostgres
    /// The Redis that Sentinels name.
    private(set) var redis: SimulatedRedis
    private(set) var nodes: [Node] = []
    let auditor: Auditor
    let sale = SaleID("flash")!
    /// Sales that nobody buys from: a repair is then one of several.
    var quietSales: [SaleID] = []
    private let flaws: Flaws
    private let nodeSize: Node.Size
    private var nodeCount = 0
    private var redisCount = 1
    let trace: (String) -> Void

    init(seed: UInt64, flaws: Flaws, trace: @escaping (UInt64, String) -> Void) {
        let scheduler = Scheduler(seed: seed)
        self.scheduler = scheduler
        self.flaws = flaws
        self.trace = { trace(scheduler.now.nanoseconds, $0) }
        network = Network(scheduler: scheduler)
        postgres = SimulatedPostgres(
            scheduler: scheduler, clockSkew: Int64.random(in: -300...300, using: &scheduler.random), flaws: flaws.postgres)
        redis = SimulatedRedis(name: "redis1", scheduler: scheduler, flaws: flaws.redis)
        auditor = Auditor(scheduler: scheduler, sale: sale, trace: self.trace)
        nodeSize = Node.Size(
            lanes: Int.random(in: 1...2, using: &scheduler.random), queueCapacity: Int.random(in: 4...200, using: &scheduler.random),
            promisedWait: .milliseconds(Int.random(in: 200...2_000, using: &scheduler.random)),
            // In some worlds hardly any finds room.
            errands: seed.isMultiple(of: 4) ? 1 : Limits.laneErrandsMax)
        postgres.onWrite = { [unowned self] in auditor.wrote(postgres.confirmedBooks) }
        watch(redis)
        everySnapshot()
    }

    private func watch(_ redis: SimulatedRedis) {
        redis.onGrant = { [unowned self] reservation in
            let window = postgres.books.sales[sale].map { $0.opensAt..<$0.closesAt }
            auditor.granted(reservation, window: window)
        }
    }

    private func everySnapshot() {
        scheduler.after(100_000_000) { [weak self] in
            self?.redis.takeSnapshot()
            self?.everySnapshot()
        }
    }

    var books: PostgresBooks { postgres.books }

    // MARK: Nodes

    func startNode() {
        nodeCount += 1
        let node = Node(name: "node\(nodeCount)", size: nodeSize, network: network, redis: redis, postgres: postgres)
        nodes.append(node)
        trace("\(node.process.name) starts")
    }

    func kill(_ node: Node) {
        trace("\(node.process.name) is killed")
        auditor.killed(node.process)
        node.process.kill()
        nodes.removeAll { $0 === node }
        let process = node.process
        // Postgres learns of it by the broken connection, or much later.
        scheduler.after(scheduler.random.span(1...1_500)) { [postgres] in postgres.endSessions(of: process) }
    }

    func pause(_ node: Node, for nanoseconds: UInt64) {
        trace("\(node.process.name) stands still for \(nanoseconds / 1_000_000) ms")
        node.process.pausedUntil = scheduler.now + nanoseconds
    }

    // MARK: Redis

    private func everybodyLooks() {
        let redis = redis
        for node in nodes {
            scheduler.after(scheduler.random.span(1...400)) { if !node.process.isDead { node.direct(to: redis) } }
        }
    }

    func stopRedis(keeping: Memory, for nanoseconds: UInt64) {
        trace("\(redis.name) stops for \(nanoseconds / 1_000_000) ms, keeping \(keeping)")
        let redis = redis
        redis.stop()
        let sales = remembered(keeping)
        scheduler.after(nanoseconds) { [weak self] in
            guard let self, self.redis === redis, !redis.isUp else { return }
            if keeping != .everything { auditor.lostData() }
            redis.restart(with: sales)
            trace("\(redis.name) is back as \(redis.run)")
            everybodyLooks()
        }
        everybodyLooks()
    }

    /// What a Redis has after a fault.
    enum Memory: CaseIterable {
        case everything, nothing, allButTheTail, anOldCopy
    }

    private func remembered(_ memory: Memory) -> [SaleID: RedisSale] {
        switch memory {
        case .everything: redis.sales
        case .nothing: [:]
        case .allButTheTail: redis.snapshot(aged: scheduler.random.span(1...1_000))
        case .anOldCopy: redis.snapshot(aged: scheduler.random.span(1_000...4_000))
        }
    }

    func flushRedis() {
        trace("\(redis.name) is flushed")
        auditor.lostData()
        redis.flush()
    }

    func flushScripts() {
        trace("the scripts of \(redis.name) are flushed")
        redis.hasScripts = false
    }

    /// A replica that lags takes over; the old one goes on for a while for those who have not
    /// heard.
    func failOver() {
        redisCount += 1
        let old = redis
        let next = SimulatedRedis(
            name: "redis\(redisCount)", scheduler: scheduler, clockSkew: Int64.random(in: -50...50, using: &scheduler.random), flaws: flaws.redis)
        let memory = scheduler.random.pick([Memory.everything, .allButTheTail, .anOldCopy])
        next.restart(with: remembered(memory))
        watch(next)
        auditor.lostData()
        trace("\(next.name) takes over from \(old.name), with \(memory)")
        old.isElected = false
        redis = next
        everybodyLooks()
        let (auditor, trace) = (auditor, trace)
        scheduler.after(scheduler.random.span(100...3_000)) {
            old.isPrimary = false
            auditor.lostData()
            trace("\(old.name) steps down")
        }
    }

    /// It was a replica for a moment and is the primary again, with what the other one had. A
    /// Sentinel ends the clients' connections then; an operator may not.
    func repromote() {
        let keepsConnections = scheduler.random.happens(300)
        auditor.lostData()
        redis.repromote(with: remembered(scheduler.random.pick([Memory.everything, .allButTheTail])))
        if !keepsConnections { redis.start() }
        trace("\(redis.name) was demoted and is the primary again, as \(redis.run)\(keepsConnections ? ", with its connections" : "")")
        everybodyLooks()
    }

    func freezeRedis(for nanoseconds: UInt64) {
        trace("\(redis.name) stands still for \(nanoseconds / 1_000_000) ms")
        redis.frozenUntil = scheduler.now + nanoseconds
    }

    // MARK: Postgres

    func stopPostgres(for nanoseconds: UInt64) {
        trace("postgres stops for \(nanoseconds / 1_000_000) ms")
        postgres.stop()
        scheduler.after(nanoseconds) { [weak self] in
            guard let self, !postgres.isUp else { return }
            postgres.start()
            auditor.wrote(postgres.confirmedBooks)
            trace("postgres is back")
        }
    }

    func failOverPostgres() {
        trace("postgres is lost, and its standby takes over")
        postgres.failOver()
        auditor.wrote(books)
    }

    func freezePostgres(for nanoseconds: UInt64) {
        trace("postgres stands still for \(nanoseconds / 1_000_000) ms")
        postgres.frozenUntil = scheduler.now + nanoseconds
    }

    // MARK: Operators

    /// - Parameter work: does not report; what came of it is seen in the books.
    func operate(_ what: String, _ work: @escaping @Sendable (SaleOperations) async throws -> Void) {
        asOperator(what) { ledger, stock, process in
            let operations = SaleOperations(
                ledger: ledger, store: stock, journal: ledger, logger: Logger(label: "operator") { _ in SwiftLogNoOpLogHandler() },
                runtime: process.runtime)
            return { try await work(operations) }
        }
    }

    func operateOnOrders(_ what: String, _ work: @escaping @Sendable (OrderOperations) async throws -> Void) {
        asOperator(what) { ledger, stock, _ in
            let operations = OrderOperations(orders: ledger, books: NoBooks(), ledger: ledger, log: stock, journal: ledger)
            return { try await work(operations) }
        }
    }

    private func asOperator(
        _ what: String, _ prepare: (PostgresClient, RedisClient, SimulatedProcess) -> @Sendable () async throws -> Void
    ) {
        trace("an operator: \(what)")
        let process = SimulatedProcess(name: "operator", scheduler: scheduler)
        let redis = redis
        let work = prepare(
            PostgresClient(process: process, network: network, postgres: postgres), RedisClient(process: process, network: network) { redis }, process
        )
        process.spawn { try? await work() }
        let isKilled = scheduler.random.happens(200)
        scheduler.after(isKilled ? scheduler.random.span(1...50) : 30_000_000_000) { [postgres] in
            process.kill()
            postgres.endSessions(of: process)
        }
        operators.append(process)
    }

    private var operators: [SimulatedProcess] = []

    // MARK: The end

    func heal() {
        trace("everything heals")
        network.healAll()
        postgres.frozenUntil = .earliest
        if !postgres.isUp { postgres.start() }
        if !redis.isUp { redis.restart(with: redis.sales) }
        redis.frozenUntil = .earliest
        for node in nodes where node.isDraining { kill(node) }
        while nodes.isEmpty { startNode() }
        for node in nodes { node.process.pausedUntil = nil }
        everybodyLooks()
    }

    /// Ends every process, so that nothing of the world stays in memory.
    func tearDown() {
        for process in nodes.map(\.process) + operators { process.kill() }
        nodes = []
        scheduler.stop()
    }
}

/// Whoever changes orders reads no books in these worlds.
struct NoBooks: OrderBooks {
    func record(of order: OrderID) async throws(JournalError) -> OrderRecord? { nil }
    func money(of orders: [Order]) async throws(JournalError) -> [OrderID: OrderMoney] { [:] }
    func audit(_ filter: AuditFilter, before id: Int64?, countMax: Int) async throws(JournalError) -> [AuditEntry] { [] }
    func ledger(
        of sale: SaleID, _ sku: SKU?, after entry: (sku: SKU, id: Int64)?, countMax: Int
    ) async throws(JournalError) -> [LedgerEntry] { [] }
}

/// Guards that are switched off.
package struct Flaws: Sendable {
    package var redis: Set<SimulatedRedis.Flaw> = []
    package var postgres: Set<SimulatedPostgres.Flaw> = []
    /// Of the worlds that send webhooks.
    package var webhooks: Set<WebhookWorld.Flaw> = []

    package init(redis: Set<SimulatedRedis.Flaw> = [], postgres: Set<SimulatedPostgres.Flaw> = []) {
        self.redis = redis
        self.postgres = postgres
    }
}
