import DequeModule
import LoadModel
import NIOCore
import NIOPosix
import SaleCore

/// What a lane works with.
struct LaneSettings: Sendable {
    var address: SocketAddress
    var template: RequestTemplate
    var plan: PurchasePlan
    /// This lane takes every `lanes`-th purchase of the plan, beginning with number `ordinal`.
    var ordinal: Int
    var lanes: Int
    var connections: Int
    /// Nanoseconds after which a request without an answer, or without a connection, is given up.
    var timeout: UInt64
}

/// What a lane has counted when it is done.
struct LaneResult: Sendable {
    var tally: Tally
    var confirmed: ConfirmedOrders
}

/// One event loop's share of the generator: takes arrivals up at their instants, whatever has become of earlier ones, and gives each to an idle
/// connection or lets it wait for one, in order. Confined to its event loop.
final class Lane: NIOScheduledCallbackHandler {
    /// Timers finer than this cost more than they tell; a denser plan is taken up in handfuls.
    private static let tickMin: UInt64 = 100_000
    private static let sweepEvery: UInt64 = 100_000_000
    /// Between two handfuls, answers are read.
    private static let handfulMax = 128
    /// A generator that is so late has lost its schedule for good, and stops.
    private static let lagMax: UInt64 = 2_000_000_000
    /// How long an interrupted run waits for the answers under way.
    private static let stopGrace: UInt64 = 1_000_000_000

    let eventLoop: any EventLoop
    let settings: LaneSettings
    let connector: Connector
    private var purchases: PurchasePlan.Purchases
    private var upcoming: PlannedPurchase?
    private var planned = 0
    private var idle: Deque<PurchaseConnection> = []
    private var busy: [ObjectIdentifier: PurchaseConnection] = [:]
    private var waiting: Deque<PlannedPurchase> = []
    private var tally = Tally()
    private var confirmed = ConfirmedOrders()
    private var startedAt: UInt64 = 0
    private var nextSweep: UInt64 = 0
    /// Why the run ends early, and when it gives up what is still under way.
    private var stop: (reason: String, at: UInt64)?
    private var occupation: ThreadOccupation?
    private var result: EventLoopPromise<LaneResult>?

    init(eventLoop: any EventLoop, settings: LaneSettings) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.connector = Connector(eventLoop: eventLoop, address: settings.address)
        self.purchases = settings.plan.purchases
    }

    /// Opens every connection.
    func connect() -> EventLoopFuture<Void> {
        connector.open(settings.connections, for: self)
    }

    /// Closes every connection and opens none any more.
    func disconnect() {
        connector.close()
        for connection in Array(busy.values) + Array(idle) { connection.abandon("the run has ended") }
    }

    /// Runs the plan from `instant` of the monotonic clock on.
    func start(at instant: UInt64) -> EventLoopFuture<LaneResult> {
        let promise = eventLoop.makePromise(of: LaneResult.self)
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

    /// A snapshot for the progress line.
    var progress: LaneProgress {
        LaneProgress(
            offered: tally.offered, committed: tally.count(.committed), reserved: tally.count(.reserved), soldOut: tally.count(.soldOut),
            failed: tally.count { $0 == .error || $0 == .unknown || $0 == .unsent }, inFlight: busy.count, waiting: waiting.count)
    }

    // MARK: Events of the connections

    func becameIdle(_ connection: PurchaseConnection) {
        busy[ObjectIdentifier(connection)] = nil
        if let purchase = waiting.popFirst() {
            send(purchase, on: connection, takenUpAt: nil)
        } else {
            idle.append(connection)
            finishIfDone()
        }
    }

    func closed(_ connection: PurchaseConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        connector.lost(hadAnswered: connection.hasAnswered, for: self)
        finishIfDone()
    }

    func ended(_ purchase: PlannedPurchase, _ outcome: Outcome, detail: String?, order: OrderID?) {
        let now = Self.now()
        tally.ended(outcome, detail: detail, latency: now - startedAt - purchase.instant, now: now - startedAt)
        if let order { confirmed.append(order, user: purchase.user, isCommitted: outcome == .committed) }
        finishIfDone()
    }

    // MARK: The schedule

    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard result != nil else { return }
        var now = Self.now()
        var handful = Self.handfulMax
        while handful > 0, let purchase = upcoming, startedAt + purchase.instant <= now {
            takeUp(purchase, now: now)
            handful -= 1
            now = Self.now()
        }
        if now >= nextSweep { sweep(now) }
        guard result != nil else { return }
        let nextArrival = upcoming.map { startedAt + $0.instant } ?? .max
        schedule(at: min(handful > 0 ? max(nextArrival, now + Self.tickMin) : now, nextSweep))
    }

    private func takeUp(_ purchase: PlannedPurchase, now: UInt64) {
        let intended = startedAt + purchase.instant
        if now - intended > Self.lagMax { return stop(because: "schedule lost") }
        tally.takenUp(intended: purchase.instant, now: now - startedAt)
        upcoming = nextOfPlan()
        if upcoming == nil { measureOccupation(now) }
        while let connection = idle.popFirst() {
            if connection.isIdle { return send(purchase, on: connection, takenUpAt: now) }
        }
        waiting.append(purchase)
    }

    private func send(_ purchase: PlannedPurchase, on connection: PurchaseConnection, takenUpAt: UInt64?) {
        let now = takenUpAt ?? Self.now()
        tally.sent(afterWait: takenUpAt == nil ? now - startedAt - purchase.instant : 0)
        busy[ObjectIdentifier(connection)] = connection
        connection.send(purchase, template: settings.template, now: now)
    }

    private func nextOfPlan() -> PlannedPurchase? {
        while let purchase = purchases.next() {
            planned += 1
            if (planned - 1) % settings.lanes == settings.ordinal { return purchase }
        }
        return nil
    }

    private func stop(because reason: String) {
        guard stop == nil else { return }
        let now = Self.now()
        stop = (reason, now + Self.stopGrace)
        guard upcoming != nil else { return }
        upcoming = nil
        let expected = settings.plan.expected / Double(settings.lanes)
        tally.skipped += UInt64(max(1, expected - Double(tally.offered)))
        measureOccupation(now)
    }

    private func measureOccupation(_ now: UInt64) {
        if let share = occupation?.share(now: now) { tally.wasBusy(share) }
    }

    /// Gives up what has waited too long.
    private func sweep(_ now: UInt64) {
        nextSweep = now + Self.sweepEvery
        let isOver = stop.map { now >= $0.at } ?? false
        for connection in Array(busy.values) where isOver || connection.awaitingSince.map({ now - $0 > settings.timeout }) ?? false {
            connection.abandon(isOver ? stop?.reason ?? "" : "timeout")
        }
        while let purchase = waiting.first, stop != nil || now - startedAt > purchase.instant + settings.timeout {
            waiting.removeFirst()
            ended(purchase, .unsent, detail: stop?.reason ?? "no free connection in time", order: nil)
        }
        finishIfDone()
    }

    private func finishIfDone() {
        guard upcoming == nil, waiting.isEmpty, busy.isEmpty, let promise = result else { return }
        result = nil
        disconnect()
        promise.succeed(LaneResult(tally: tally, confirmed: confirmed))
    }

    private func schedule(at instant: UInt64) {
        _ = try? eventLoop.assumeIsolated().scheduleCallback(at: .uptimeNanoseconds(instant), handler: self)
    }

    private static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

/// What a lane has done so far.
struct LaneProgress: Sendable {
    var offered: UInt64
    var committed: UInt64
    var reserved: UInt64
    var soldOut: UInt64
    var failed: UInt64
    var inFlight: Int
    var waiting: Int
}
