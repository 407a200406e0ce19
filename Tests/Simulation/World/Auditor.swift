import SaleCore
import SaleService

/// Judges the world by what it saw from outside: answers, grants, and the books of Postgres after
/// every transaction. Knows nothing of how the service works.
final class Auditor {
    struct Violation: Sendable, CustomStringConvertible {
        let rule: String
        let what: String
        var description: String { "\(rule): \(what)" }
    }

    private(set) var violations: [Violation] = []
    private(set) var attempts: [Attempt] = []
    private var grants: [OrderID: (reservation: Reservation, at: MonotonicInstant)] = [:]
    private var states: [OrderID: OrderState] = [:]
    private var recordedAt: [OrderID: MonotonicInstant] = [:]
    private var promised: [OrderID: Order] = [:]
    /// When a Redis lost data, and when a process was killed.
    private var losses: [MonotonicInstant] = []
    private var deaths: [(process: String, at: MonotonicInstant)] = []
    private let scheduler: Scheduler
    private let sale: SaleID
    private let trace: (String) -> Void

    init(scheduler: Scheduler, sale: SaleID, trace: @escaping (String) -> Void) {
        self.scheduler = scheduler
        self.sale = sale
        self.trace = trace
    }

    func find(_ rule: String, _ what: String) {
        trace("VIOLATION \(rule): \(what)")
        violations.append(Violation(rule: rule, what: what))
    }

    func lostData() { losses.append(scheduler.now) }
    func killed(_ process: SimulatedProcess) { deaths.append((process.name, scheduler.now)) }

    func began(_ attempt: Attempt) { attempts.append(attempt) }

    // MARK: While it runs

    func granted(_ reservation: Reservation, window: Range<Timestamp>?) {
        trace("granted \(reservation.order) to \(reservation.user)")
        if grants[reservation.order] == nil { grants[reservation.order] = (reservation, scheduler.now) }
        if let window, !window.contains(reservation.grantedAt) { find("I8", "granted at \(reservation.grantedAt), outside of \(window)") }
    }

    func isGranted(_ id: OrderID) -> Bool { grants[id] != nil }
    var grantedOrders: [OrderID] { grants.keys.sorted() }

    func answered(_ attempt: Attempt, _ outcome: PurchaseOutcome, _ books: PostgresBooks) {
        trace("attempt \(attempt.number) of \(attempt.user) hears \(outcome.short)")
        if attempt.outcome != nil { find("once", "attempt \(attempt.number) was answered twice") }
        switch outcome {
        case .committed(let order, let isReplay):
            guard let stored = books.order(order.id) else { return find("I2", "201 for \(order.id), which is not in Postgres") }
            if stored.asFirstAnswered != order { find("I2", "201 shows \(order), Postgres holds \(stored)") }
            if books.orders[order.id]?.rejection != nil { find("I2", "201 for \(order.id), which was rejected") }
            check(order, of: attempt, isReplay: isReplay)
            promised[order.id] = order
        case .reserved(let order, let isReplay):
            if grants[order.id] == nil { find("I3", "202 for \(order.id), which Redis never granted") }
            check(order, of: attempt, isReplay: isReplay)
        case .refused(.limitReached(let id?)):
            if grants[id]?.reservation.user != attempt.user { find("I11", "\(attempt.user) was shown \(id), an order of somebody else") }
        case .refused(.keyMismatch):
            let isUsed = attempts.contains {
                $0.user == attempt.user && $0.key == attempt.key && ($0.sku != attempt.sku || $0.quantity != attempt.quantity)
            }
            if !isUsed { find("I5", "attempt \(attempt.number): its key was never used with another payload") }
        case .refused: break
        }
        let heard = scheduler.now - attempt.sentAt
        if heard > attempt.waitNanoseconds + Self.patience { find("time", "attempt \(attempt.number) was answered after \(heard / 1_000_000) ms") }
    }

    /// Beyond the wait that was asked for: a reply that never comes, a look at Postgres that never
    /// comes, a process that stood still.
    private static let patience: UInt64 = 12_000_000_000

    private func check(_ order: Order, of attempt: Attempt, isReplay: Bool) {
        if order.user != attempt.user { find("I11", "\(attempt.user) was shown an order of \(order.user)") }
        if order.sku != attempt.sku || order.quantity != attempt.quantity { find("I5", "\(order.id) is not what attempt \(attempt.number) bought") }
        if isReplay, attempt.key == nil { find("I5", "attempt \(attempt.number) has no key and repeats \(order.id)") }
    }

    func wrote(_ books: PostgresBooks) {
        for stored in books.orders.values {
            let (id, state) = (stored.order.id, stored.order.state)
            if let before = states[id] {
                if state != before, !before.successors.contains(state) { find("I7", "\(id) went from \(before) to \(state)") }
            } else if grants[id] == nil, stored.rejection != .abandoned {
                find("I1", "\(id) was committed and never granted")
            }
            states[id] = state
            if recordedAt[id] == nil { recordedAt[id] = scheduler.now }
        }
        for (id, order) in promised where books.order(id)?.asFirstAnswered != order {
            find("I2", "\(id) was answered with 201 and is gone or changed")
        }
        for (sku, figures) in books.auditFigures(of: sale) {
            if figures.inLiveOrders > figures.loaded { find("I1", "\(sku): \(figures.inLiveOrders) sold of \(figures.loaded)") }
            if figures.committed != figures.inLiveOrders { find("I4", "\(sku): committed \(figures.committed), live \(figures.inLiveOrders)") }
            if figures.usersOverLimit > 0 { find("I6", "\(sku): \(figures.usersOverLimit) users over the limit") }
        }
        checkMoney(books)
    }

    /// What was received and not paid back is what a paid order costs, or else somebody's work is
    /// to send the rest back.
    private func checkMoney(_ books: PostgresBooks) {
        for stored in books.orders.values {
            let surplus = books.surplus(of: stored.order)
            if stored.order.refundDue ? surplus <= 0 : surplus != 0 {
                find("money", "\(stored.order.id) owes its buyer \(surplus), refund due: \(stored.order.refundDue)")
            }
        }
    }

    // MARK: At the end

    /// Everybody was answered, so that every place is free again.
    func closeAdmissions(of nodes: [Node]) {
        for node in nodes where node.engine.admission.count != 0 {
            find("I9", "\(node.process.name) counts \(node.engine.admission.count) purchases under way")
        }
    }

    /// What everybody heard, held against what Postgres holds when all is done.
    func close(_ books: PostgresBooks) {
        wrote(books)
        for attempt in attempts {
            guard case .reserved(let order, _) = attempt.outcome, books.order(order.id) == nil, !isExcused(order.id) else { continue }
            find("I3", "\(order.id) was answered with 202 and has no verdict")
        }
        closeKeys(books)
        closeUsers(books)
    }

    /// The tail that Redis lost, of a process that died with it.
    private func isExcused(_ id: OrderID) -> Bool {
        guard let grant = grants[id] else { return false }
        return losses.contains { $0 >= grant.at } && deaths.contains { $0.at >= grant.at }
    }

    private func closeKeys(_ books: PostgresBooks) {
        struct Key: Hashable {
            var user: UserID
            var key: IdempotencyKey
        }
        var answers: [Key: Set<OrderID>] = [:]
        for attempt in attempts {
            guard let key = attempt.key, let order = attempt.order else { continue }
            answers[Key(user: attempt.user, key: key), default: []].insert(order.id)
        }
        for (key, ids) in answers where ids.count > 1 {
            let made = ids.filter { books.orders[$0] != nil && books.orders[$0]?.rejection == nil }
            if made.count > 1 { find("I5", "key \(key.key) of \(key.user) made \(made.sorted())") }
            let firm = ids.filter { promised[$0] != nil || !wasForgotten($0) && !wasGrantedUnaware($0, books) }
            if firm.count > 1 { find("I5", "key \(key.key) of \(key.user) was answered with \(firm.sorted())") }
        }
    }

    /// Redis lost the order and its key before Postgres had them: a repetition may hear of another
    /// order, of which Postgres then takes one.
    private func wasForgotten(_ id: OrderID) -> Bool {
        guard let grant = grants[id] else { return false }
        return losses.contains { loss in loss >= grant.at && recordedAt[id].map { loss <= $0 } ?? true }
    }

    /// An order that was never more than reserved, and that Postgres rejected because another one
    /// holds its key: granted by a Redis that had lost the key, before its loss was noticed.
    private func wasGrantedUnaware(_ id: OrderID, _ books: PostgresBooks) -> Bool {
        guard let grant = grants[id], books.orders[id]?.rejection == .conflict else { return false }
        return losses.contains { grant.at >= $0 && grant.at <= $0 + Self.unaware }
    }

    private static let unaware: UInt64 = 5_000_000_000

    /// Nobody holds more orders than they may know of.
    private func closeUsers(_ books: PostgresBooks) {
        let held = Dictionary(grouping: books.orders.values.filter { $0.rejection == nil }, by: \.order.user)
        for (user, orders) in held {
            let own = attempts.filter { $0.user == user }
            let known = Set(own.compactMap(\.order?.id))
            let surplus = orders.filter { !known.contains($0.order.id) }
            if surplus.count > own.count(where: \.isUnknown) {
                find("truth", "\(user) holds \(surplus.map(\.order.id).sorted()) and heard of none of them")
            }
        }
    }
}

extension PurchaseOutcome {
    var short: String {
        switch self {
        case .committed(let order, let isReplay): "201 \(order.id)\(isReplay ? " again" : "")"
        case .reserved(let order, let isReplay): "202 \(order.id)\(isReplay ? " again" : "")"
        case .refused(let refusal): "\(refusal)"
        }
    }
}
