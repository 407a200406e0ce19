import DequeModule
import LoadClient
import LoadModel
import NIOCore
import NIOPosix
import SaleCore

/// What a worker works with.
struct WorkerSettings: Sendable {
    var address: SocketAddress
    var writer: RequestWriter
    var plan: TrafficPlan
    /// This worker takes every `workers`-th request of the plan, beginning with number `ordinal`.
    var ordinal: Int
    var workers: Int
    var connections: Int
    /// Nanoseconds after which a request without an answer, or without a connection, is given up.
    var timeout: UInt64
}

/// What a worker has counted when it is done.
struct WorkerResult: Sendable {
    /// By group of the plan.
    var tallies: [Tally]
    var confirmed = ConfirmedOrders()
    var ended = EndedOrders()

    init(groups count: Int) {
        tallies = Array(repeating: Tally(), count: count)
    }

    mutating func add(_ other: WorkerResult) {
        for index in tallies.indices { tallies[index].add(other.tallies[index]) }
        confirmed.add(other.confirmed)
        ended.add(other.ended)
    }
}

/// One event loop's share of the generator: takes arrivals up at their instants, whatever has
/// become of earlier ones, and gives each to an idle connection or lets it wait for one, in order.
/// Confined to its event loop.
final class LoadWorker: NIOScheduledCallbackHandler, LoadConnectionOwner {
    /// A denser plan is taken up in handfuls: a timer for each arrival would take a tenth of a
    /// machine that the servers need, too. Nothing is hidden by it, as latencies count from the
    /// instants planned.
    private static let tickMin: UInt64 = 250_000
    private static let sweepEvery: UInt64 = 100_000_000
    /// Between two handfuls, answers are read.
    private static let handfulMax = 128
    /// A generator that is so late has lost its schedule for good, and stops.
    private static let lagMax: UInt64 = 2_000_000_000
    /// How long an interrupted run waits for the answers under way.
    private static let stopGrace: UInt64 = 1_000_000_000

    let eventLoop: any EventLoop
    let settings: WorkerSettings
    let connector: Connector
    private let followUps: FollowUps
    private var requests: TrafficPlan.Requests
    private var upcoming: LoadRequest?
    /// Follow-ups, in the order of their instants.
    private var due: Deque<LoadRequest> = []
    private var planned = 0
    private var idle: Deque<LoadConnection> = []
    private var busy: [ObjectIdentifier: LoadConnection] = [:]
    private var waiting: Deque<LoadRequest> = []
    private var counted: WorkerResult
    private var takenUp: UInt64 = 0
    private var startedAt: UInt64 = 0
    private var nextSweep: UInt64 = 0
    private var scheduled: (at: UInt64, callback: NIOScheduledCallback)?
    /// Why the run ends early, and when it gives up what is still under way.
    private var stop: (reason: String, at: UInt64)?
    private var occupation: ThreadOccupation?
    private var result: EventLoopPromise<WorkerResult>?

    init(eventLoop: any EventLoop, settings: WorkerSettings) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.connector = Connector(eventLoop: eventLoop, address: settings.address)
        self.followUps = FollowUps(settings.plan.cohorts)
        self.requests = settings.plan.requests
        self.counted = WorkerResult(groups: settings.plan.groups.count)
    }

    /// Opens every connection.
    func connect() -> EventLoopFuture<Void> {
        let opened = connector.open(settings.connections, for: self)
        opened.assumeIsolated().whenFailure { _ in self.disconnect() }
        return opened
    }

    /// Closes every connection and opens none any more.
    func disconnect() {
        connector.close()
        for connection in Array(busy.values) + Array(idle) { connection.abandon("the run has ended") }
    }

    /// Runs the plan from `instant` of the monotonic clock on.
    func start(at instant: UInt64) -> EventLoopFuture<WorkerResult> {
        let promise = eventLoop.makePromise(of: WorkerResult.self)
        result = promise
        startedAt = instant
        nextSweep = instant
        occupation = ThreadOccupation(now: instant)
        upcoming = nextOfPlan()
        schedule(at: instant)
        return promise.futureResult
    }

    /// Takes up no more arrivals, gives up those that wait, and ends soon.
    func interrupt() {
        guard result != nil else { return }
        stop(because: "interrupted")
    }

    /// Takes up no more arrivals, and ends when those under way have ended.
    func finish() {
        if upcoming != nil { measureOccupation(Self.now()) }
        upcoming = nil
        due.removeAll()
        finishIfDone()
    }

    /// What was counted so far.
    var progress: WorkerProgress {
        WorkerProgress(tallies: counted.tallies, inFlight: busy.count, waiting: waiting.count)
    }

    // MARK: Events of the connections

    func becameIdle(_ connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = nil
        if let request = waiting.popFirst() {
            send(request, on: connection, takenUpAt: nil)
        } else {
            idle.append(connection)
            finishIfDone()
        }
    }

    func closed(_ connection: LoadConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        connector.lost(hadAnswered: connection.hasAnswered, for: self)
        finishIfDone()
    }

    func answered(_ request: LoadRequest, _ response: PurchaseResponse) {
        let now = Self.now()
        let detail = response.code.map { "\(response.status) \($0)" }
        guard case .buy(let intention) = request.action else {
            let outcome = response.followUpOutcome
            ended(request, outcome, detail: outcome == .settled ? nil : detail ?? String(response.status), now: now)
            if outcome == .settled { record(request, response) }
            return followUp(request, outcome, order: nil, now: now)
        }
        let outcome = response.outcome
        let isBought = outcome == .committed || outcome == .reserved
        ended(request, outcome, detail: detail ?? (isBought ? nil : String(response.status)), now: now)
        if let order = response.order, isBought {
            counted.confirmed.append(order, user: request.user, isCommitted: outcome == .committed, intention: intention)
        }
        followUp(request, outcome, order: response.order, now: now)
    }

    /// `request` ended without an answer.
    func lost(_ request: LoadRequest, _ outcome: Outcome, because reason: String) {
        ended(request, outcome, detail: reason, now: Self.now())
        finishIfDone()
    }

    private func ended(_ request: LoadRequest, _ outcome: Outcome, detail: String?, now: UInt64) {
        counted.tallies[settings.plan.group(of: request)].ended(
            outcome, detail: detail, latency: now - startedAt - request.instant, now: now - startedAt)
    }

    private func record(_ request: LoadRequest, _ response: PurchaseResponse) {
        let (order, isCancellation): (OrderID, Bool)
        switch request.action {
        case .buy: return
        case .cancel(let id, _): (order, isCancellation) = (id, true)
        case .pay(let id, _): (order, isCancellation) = (id, false)
        }
        guard let state = response.state else { return }
        counted.ended.append(EndedOrders.Entry(order: order, user: request.user, isCancellation: isCancellation, state: state))
    }

    private func followUp(_ request: LoadRequest, _ outcome: Outcome, order: OrderID?, now: UInt64) {
        guard stop == nil, let next = followUps.request(after: request, outcome: outcome, order: order, now: now - startedAt) else {
            return finishIfDone()
        }
        // Pauses differ by cohort only, so the place is at the end or close to it.
        let place = due.lastIndex { $0.instant <= next.instant }.map { $0 + 1 } ?? 0
        due.insert(next, at: place)
        schedule(at: min(startedAt + next.instant, nextSweep))
    }

    // MARK: The schedule

    func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduled = nil
        guard result != nil else { return }
        var now = Self.now()
        var handful = Self.handfulMax
        while handful > 0, let instant = nextInstant, instant <= now {
            takeUp(now: now)
            handful -= 1
            now = Self.now()
        }
        if now >= nextSweep { sweep(now) }
        guard result != nil else { return }
        schedule(at: min(handful > 0 ? max(nextInstant ?? .max, now + Self.tickMin) : now, nextSweep))
    }

    /// When the next arrival or follow-up is to be taken up.
    private var nextInstant: UInt64? {
        let instant = min(upcoming?.instant ?? .max, due.first?.instant ?? .max)
        return instant == .max ? nil : startedAt + instant
    }

    private func takeUp(now: UInt64) {
        let isFollowUp = due.first.map { $0.instant < upcoming?.instant ?? .max } ?? false
        guard let request = isFollowUp ? due.first : upcoming else { return }
        if now - startedAt - request.instant > Self.lagMax { return stop(because: "schedule lost") }
        counted.tallies[settings.plan.group(of: request)].takenUp(intended: request.instant, now: now - startedAt)
        if isFollowUp {
            due.removeFirst()
        } else {
            takenUp += 1
            upcoming = nextOfPlan()
            if upcoming == nil { measureOccupation(now) }
        }
        while let connection = idle.popFirst() {
            if connection.isIdle { return send(request, on: connection, takenUpAt: now) }
        }
        waiting.append(request)
    }

    private func send(_ request: LoadRequest, on connection: LoadConnection, takenUpAt: UInt64?) {
        let now = takenUpAt ?? Self.now()
        counted.tallies[settings.plan.group(of: request)].sent(afterWait: takenUpAt == nil ? now - startedAt - request.instant : 0)
        busy[ObjectIdentifier(connection)] = connection
        connection.send(request, now: now) { [writer = settings.writer] in writer.write($0, into: &$1) }
    }

    private func nextOfPlan() -> LoadRequest? {
        while let request = requests.next() {
            planned += 1
            if (planned - 1) % settings.workers == settings.ordinal { return request }
        }
        return nil
    }

    private func stop(because reason: String) {
        guard stop == nil else { return }
        let now = Self.now()
        stop = (reason, now + Self.stopGrace)
        due.removeAll()
        guard upcoming != nil else { return }
        upcoming = nil
        let expected = settings.plan.expected / Double(settings.workers)
        counted.tallies[0].skipped += UInt64(max(1, expected - Double(takenUp)))
        measureOccupation(now)
    }

    private func measureOccupation(_ now: UInt64) {
        if let share = occupation?.share(now: now) { counted.tallies[0].wasBusy(share) }
    }

    /// Gives up what has waited too long.
    private func sweep(_ now: UInt64) {
        nextSweep = now + Self.sweepEvery
        let isOver = stop.map { now >= $0.at } ?? false
        for connection in Array(busy.values) where isOver || connection.awaitingSince.map({ now - $0 > settings.timeout }) ?? false {
            connection.abandon(isOver ? stop?.reason ?? "" : "timeout")
        }
        while let request = waiting.first, stop != nil || now - startedAt > request.instant + settings.timeout {
            waiting.removeFirst()
            lost(request, .unsent, because: stop?.reason ?? "no free connection in time")
        }
        finishIfDone()
    }

    private func finishIfDone() {
        guard upcoming == nil, due.isEmpty, waiting.isEmpty, busy.isEmpty, let promise = result else { return }
        result = nil
        disconnect()
        promise.succeed(counted)
    }

    /// Asks to be called at `instant`, unless that is to happen earlier anyway.
    private func schedule(at instant: UInt64) {
        if let scheduled {
            if scheduled.at <= instant { return }
            scheduled.callback.cancel()
        }
        let callback = try? eventLoop.assumeIsolated().scheduleCallback(at: .uptimeNanoseconds(instant), handler: self)
        scheduled = callback.map { (instant, $0) }
    }

    private static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

/// What a worker has done so far.
struct WorkerProgress: Sendable {
    /// By group of the plan.
    var tallies: [Tally]
    var inFlight: Int
    var waiting: Int

    /// Of everything.
    var total: Tally { tallies.reduce(into: Tally()) { $0.add($1) } }
}
