import Logging
import SaleCore
import SaleService

/// Two nodes that serve one endpoint, on virtual time. Whoever calls a port may find it away, lose
/// the answer, or die on the way; nodes stand still and leave; the receiver refuses, asks for
/// patience, hangs up; an operator stops and resumes. A seed is a story, and each step is judged.
///
/// All of it runs on the scheduler's thread: what a dead process still does reaches nothing here.
package final class WebhookWorld: @unchecked Sendable {
    /// A guard in Postgres that is switched off.
    package enum Flaw: String, Sendable, CaseIterable {
        /// What is committed is told although something before it is still open.
        case tellsPastOpen
        /// Events that were not taken are not kept.
        case forgetsFailures
        /// An endpoint that was stopped is lent all the same.
        case forgetsStops
    }

    package struct Report: Sendable {
        package let seed: UInt64
        /// Empty when every promise was kept.
        package let violations: [String]
        package let events: Int
        package let requests: Int
        package let steps: Int
    }

    /// What becomes of one way to a port, or back.
    private enum Fate {
        case arrives
        case isLost
        case kills
    }

    private static let troubleEnds = MonotonicInstant(nanoseconds: 120_000_000_000)
    private static let patience: UInt64 = 3_600_000_000_000
    /// A turn, the ways to the ports, and a node that stood still meanwhile.
    private static let silenceAfterStop: UInt64 = 30_000_000_000

    let scheduler: Scheduler
    let endpoint: WebhookEndpoint
    private let seed: UInt64
    private(set) var feed: FeedModel
    private(set) var webhook: WebhookModel
    private var receiver = ReceiverModel()
    private var judge: WebhookJudge
    private var nodes: [SimulatedProcess] = []
    private var nodeCount = 0
    private var silentFrom: MonotonicInstant?
    private var trace: (String) -> Void = { _ in }

    package init(seed: UInt64, flaws: Set<Flaw> = []) {
        let scheduler = Scheduler(seed: seed)
        self.seed = seed
        self.scheduler = scheduler
        let types: Set<EventType>? = scheduler.random.pick([nil, [.orderCommitted, .orderPaid]])
        endpoint = WebhookEndpoint(
            name: "shop", types: types, batch: scheduler.random.pick([1, 1, 3, 100]), inFlight: scheduler.random.pick([1, 2, 8]),
            retries: [.seconds(1), .seconds(4), .seconds(15)])
        (feed, webhook, judge) = (FeedModel(flaws: flaws), WebhookModel(flaws: flaws), WebhookJudge(of: endpoint))
        for slot in 0..<2 {
            nodes.append(SimulatedProcess(name: "", scheduler: scheduler))
            start(slot)
        }
        plan()
    }

    /// Runs the story to its end.
    ///
    /// - Parameter trace: told what becomes of each request and node, with the instant in virtual
    ///   nanoseconds.
    package func run(trace: @escaping (UInt64, String) -> Void = { _, _ in }) -> Report {
        self.trace = { [scheduler] in trace(scheduler.now.nanoseconds, $0) }
        defer {
            for node in nodes { node.kill() }
            scheduler.stop()
        }
        _ = scheduler.run(until: Self.troubleEnds)
        receiver.settles()
        let hasEnded = scheduler.run(until: scheduler.now + Self.patience) { !judge.violations.isEmpty || isDone }
        if judge.violations.isEmpty {
            if !hasEnded { judge.object("it never ends: at \(webhook.position), failures \(webhook.retried.sorted())") }
            judge.closes(webhook, feed)
        }
        return Report(
            seed: seed, violations: judge.violations, events: feed.count, requests: judge.requestCount, steps: scheduler.stepCount)
    }

    private var isDone: Bool {
        scheduler.now > Self.troubleEnds && feed.isWhollyTold && webhook.position == feed.end && webhook.retried.isEmpty
    }

    private var isTroubled: Bool { scheduler.now < Self.troubleEnds }

    // MARK: What happens

    private func plan() {
        var turn: Int64 = 0
        for _ in 0..<Int.random(in: 5...40, using: &scheduler.random) {
            let at = moment(0...100_000)
            // Some transactions stay open, and keep all that comes behind them from being told.
            let open = scheduler.random.happens(200) ? scheduler.random.span(0...15_000) : 0
            scheduler.at(at) { [unowned self] in
                turn += 1
                let number = turn
                feed.enter(transaction(number), at: scheduler.milliseconds)
                scheduler.after(open) { [unowned self] in feed.commit(turn: number) }
            }
        }
        for _ in 0..<Int.random(in: 0...3, using: &scheduler.random) {
            scheduler.at(moment(0...90_000)) { [unowned self] in receiver.isAwayUntil = scheduler.now + scheduler.random.span(1_000...30_000) }
        }
        for _ in 0..<Int.random(in: 0...3, using: &scheduler.random) {
            scheduler.at(moment(0...100_000)) { [unowned self] in
                nodes[Int.random(in: 0..<nodes.count, using: &scheduler.random)].pausedUntil = scheduler.now + scheduler.random.span(1_000...20_000)
            }
        }
        if scheduler.random.happens(300) { scheduler.at(moment(0...40_000)) { [unowned self] in stop() } }
        if scheduler.random.happens(200) {
            scheduler.at(moment(0...90_000)) { [unowned self] in receiver.isGoneUntil = scheduler.now + 5_000_000_000 }
        }
    }

    private func moment(_ milliseconds: ClosedRange<UInt64>) -> MonotonicInstant { .earliest + scheduler.random.span(milliseconds) }

    /// A few rows of one transaction, each of some orders or of none.
    private func transaction(_ turn: Int64) -> [FeedEvent] {
        (1...Int64.random(in: 1...3, using: &scheduler.random)).flatMap { row -> [FeedEvent] in
            let type = scheduler.random.pick([EventType.orderCommitted, .orderCommitted, .orderPaid, .orderExpired, .saleChanged])
            let count = Int.random(in: 1...6, using: &scheduler.random)
            let orders = (1...20 as ClosedRange<UInt64>).shuffled(using: &scheduler.random).prefix(count)
            return (type == .saleChanged ? [nil] : orders.map(Optional.some)).enumerated().map { part, order in
                let position = EventPosition(turn: turn, row: row, part: Int32(part + 1))
                if scheduler.random.happens(60) { receiver.dislikes(position, ReceiverModel.objection(&scheduler.random)) }
                return event(at: position, type, of: order)
            }
        }
    }

    private func event(at position: EventPosition, _ type: EventType, of order: UInt64?) -> FeedEvent {
        let (sale, at) = (SaleID("flash")!, Timestamp(milliseconds: scheduler.milliseconds))
        let order = order.map {
            Order(
                id: OrderID(high: 1, low: $0), sale: sale, sku: SKU("phone")!, user: UserID("ann")!, quantity: 1, unitPrice: 1,
                currency: Currency("EUR")!, state: .paid, createdAt: at, payBy: at)
        }
        return FeedEvent(position: position, type: type, at: at, sale: sale, sku: nil, order: order, cause: nil, actor: nil)
    }

    private func start(_ slot: Int) {
        nodeCount += 1
        trace("node-\(nodeCount) starts")
        let process = SimulatedProcess(name: "node-\(nodeCount)", scheduler: scheduler)
        nodes[slot] = process
        let ports = WebhookPorts(world: self, process: process, slot: slot)
        let runtime = process.runtime
        let service = WebhookService(
            [(endpoint, ports)], feed: ports, ledger: ports, holder: process.name,
            ServiceContext(runtime: runtime, logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
        let lifetime = scheduler.random.happens(300) && isTroubled ? scheduler.random.span(5_000...100_000) : Self.patience * 2
        process.spawn { [unowned self] in
            await withTaskGroup(of: Void.self) { tasks in
                // The lifecycle's tasks, which `run` has, are none of the scheduler's.
                tasks.addTask { await service.serveUntilCancelled() }
                tasks.addTask { try? await runtime.sleep(.nanoseconds(Int64(lifetime))) }
                await tasks.next()
                tasks.cancelAll()
            }
            guard !process.isDead else { return }
            scheduler.after(1_000_000_000) { [unowned self] in if !process.isDead { start(slot) } }
        }
    }

    private func kill(_ slot: Int) {
        guard !nodes[slot].isDead else { return }
        trace("\(nodes[slot].name) is killed")
        judge.died(nodes[slot].name)
        nodes[slot].kill()
        scheduler.after(scheduler.random.span(0...15_000)) { [unowned self] in start(slot) }
    }

    /// Nothing may be sent any more once the senders had time to hear of it.
    func stop() {
        guard !webhook.isStopped else { return }
        trace("an operator, or the receiver, stops the endpoint")
        webhook.stop()
        silentFrom = scheduler.now + Self.silenceAfterStop
        scheduler.after(Self.silenceAfterStop + scheduler.random.span(0...20_000)) { [unowned self] in
            trace("an operator resumes it")
            webhook.resume()
            silentFrom = nil
        }
    }

    // MARK: Ways

    /// - Returns: whether it arrived.
    func way(of process: SimulatedProcess, slot: Int, cuts isCancellable: Bool = false) async -> Bool {
        guard !process.isDead else { return false }
        let fate: Fate =
            switch isTroubled ? Int.random(in: 0..<400, using: &scheduler.random) : 400 {
            case 0: .kills
            case 1...6: .isLost
            default: .arrives
            }
        let length = scheduler.random.happens(20) ? scheduler.random.span(100...3_000) : scheduler.random.span(0...40)
        if fate == .kills { scheduler.after(length) { [unowned self] in if nodes[slot] === process { kill(slot) } } }
        let span = fate == .kills ? Self.patience : length
        let isOver = isCancellable ? (try? await process.sleep(.nanoseconds(Int64(span)))) != nil : await pass(span, of: process)
        // A process may be killed between the end of its wait and its next step.
        return isOver && fate == .arrives && !process.isDead
    }

    /// Goes on although the task is cancelled; `false` when the process was killed.
    private func pass(_ nanoseconds: UInt64, of process: SimulatedProcess) async -> Bool {
        let number = process.number()
        return await withCheckedContinuation { continuation in
            guard process.wait(number, giveUp: { continuation.resume(returning: false) }) else { return }
            scheduler.after(nanoseconds) { if process.ends(number) { continuation.resume(returning: true) } }
        }
    }

    // MARK: The ledger

    func claim(by node: String, for lease: Duration) -> EventPosition? { webhook.claim(by: node, for: lease, at: scheduler.now) }
    func letGo(by node: String) { webhook.letGo(by: node) }

    func save(_ progress: WebhookProgress, by node: String) -> Bool {
        guard webhook.save(progress, by: node, at: scheduler.now) else { return false }
        trace("\(node) is at \(progress.position)")
        judge.saved(webhook, by: node, feed)
        return true
    }

    func due(of node: String, countMax: Int) -> [WebhookRetry]? {
        webhook.due(of: node, countMax: countMax, at: scheduler.now)?.compactMap { position, attempts in
            feed[position].map { WebhookRetry(event: $0, attempts: attempts) }
        }
    }

    // MARK: The receiver

    func begins(_ events: [FeedEvent], by node: String) {
        if let silentFrom, scheduler.now > silentFrom { judge.object("\(node) sends \(events[0].id) to an endpoint that is stopped") }
        trace("\(node) sends \(events.map(\.id).joined(separator: " "))")
        judge.begins(events, by: node, told: feed.readable)
    }

    func answer(_ events: [FeedEvent]) -> WebhookAnswer {
        let mood = isTroubled && scheduler.random.happens(80) ? ReceiverModel.objection(&scheduler.random) : .taken
        let answer = receiver.answer(events, at: scheduler.now, mood: mood)
        if answer == .taken { judge.took(events) }
        return answer
    }

    func ends(_ events: [FeedEvent], with answer: WebhookAnswer, by node: String) {
        trace("\(node) hears of \(events[0].id): \(answer)")
        judge.ends(events, with: answer, by: node)
    }

    /// What the body is of, which a single event's `webhook-id` must name, too.
    func events(in message: WebhookMessage) -> [FeedEvent] {
        let ids = endpoint.batch == 1 ? [message.id[...]] : message.body.split(separator: "\"").filter { $0.hasPrefix("evt_") }
        let events = ids.compactMap { EventPosition($0).flatMap { feed[$0] } }
        if events.isEmpty || events.count != ids.count { judge.object("a message is of events that there are not: \(message.id)") }
        if endpoint.batch == 1, message.body != events.first.map(EventJSON.webhook(_:)) { judge.object("\(message.id) has another one's body") }
        return events
    }
}
