package import SaleCore
package import SaleService

/// What Postgres holds, and what each transaction does to it. A value, and every method one
/// transaction.
package struct PostgresBooks: Sendable {
    struct StoredOrder: Sendable {
        var order: Order
        /// As stored: null where a rejected order leaves its key to others.
        var key: IdempotencyKey?
        var epoch: Epoch
        var rejection: CommitVerdict.Rejection?
        /// One of `unpaidBatches` says when it is due.
        var isDueByBatch = false

        var verdict: CommitVerdict { rejection.map { .rejected($0) } ?? .committed(order) }
    }

    package private(set) var sales: [SaleID: Sale] = [:]
    var orders: [OrderID: StoredOrder] = [:]
    private var unpaidBatches: [UnpaidBatch] = []
    /// The transaction that last changed a sale but for its units in live orders, and the next
    /// one's number.
    private var changedIn: [SaleID: Int64] = [:]
    private var nextTransaction: Int64 = 1
    private(set) var moves: [StockMove] = []
    private(set) var events: [PaymentEventID: PaymentEvent] = [:]
    /// The sums of the ledger's amounts.
    private(set) var received: [OrderID: Int64] = [:]
    private var references: [OrderID: Set<String>] = [:]
    private let flaws: Set<SimulatedPostgres.Flaw>

    package init(flaws: Set<SimulatedPostgres.Flaw> = []) {
        self.flaws = flaws
    }

    // MARK: OrderJournal

    package mutating func commit(_ batch: [Reservation]) -> CommitVerdicts {
        let isNew = batch.allSatisfy { orders[$0.order] == nil } && Set(batch.map(\.order)).count == batch.count
        let terms = termsOfNewItemBatch(batch)
        let verdicts = judge(batch)
        guard verdicts.allSatisfy({ if case .committed = $0 { true } else { false } }) else { return CommitVerdicts(verdicts) }
        if isNew { enterDeadline(of: batch) }
        return terms.map { CommitVerdicts(all: batch, under: $0) } ?? CommitVerdicts(verdicts)
    }

    /// Of orders of one item none of which is there yet.
    private func termsOfNewItemBatch(_ batch: [Reservation]) -> OrderTerms? {
        guard let first = batch.first, let sale = sales[first.sale], let item = sale.items.first(where: { $0.sku == first.sku }) else { return nil }
        guard batch.allSatisfy({ $0.sale == first.sale && $0.sku == first.sku && orders[$0.order] == nil }) else { return nil }
        return OrderTerms(unitPrice: item.unitPrice, currency: item.currency, payWithinMilliseconds: sale.payWithinMilliseconds)
    }

    private mutating func judge(_ batch: [Reservation]) -> [CommitVerdict] {
        var late: [(order: Order, key: IdempotencyKey?)] = []
        defer { for (order, key) in late.sorted(by: { $0.order.id < $1.order.id }) { addMove(.charge, order, key: key) } }
        return batch.map { reservation in
            if let found = orders[reservation.order] { return found.verdict }
            guard let sale = sales[reservation.sale], let item = sale.items.first(where: { $0.sku == reservation.sku }) else {
                return .rejected(.unknownItem)
            }
            if let key = reservation.key, isUsed(key, by: reservation.user, in: reservation.sale) {
                return reject(reservation, .conflict, key: nil, item, sale)
            }
            if !flaws.contains(.takesAnyUser), liveUnits(of: reservation.user, item.sku, in: sale.id) + reservation.quantity > item.limitPerUser {
                return reject(reservation, .conflict, key: reservation.key, item, sale)
            }
            if !flaws.contains(.takesAnyNumber), item.committed + Int64(reservation.quantity) > item.loaded {
                return reject(reservation, .noUnits, key: reservation.key, item, sale)
            }
            let order = Order(reservation, item, sale, state: .awaitingPayment)
            orders[order.id] = StoredOrder(order: order, key: reservation.key, epoch: reservation.epoch)
            edit(item.sku, of: sale.id) { $0.committed += Int64(reservation.quantity) }
            if reservation.epoch < sale.epoch, !flaws.contains(.chargesNothing) { late.append((order, reservation.key)) }
            return .committed(order)
        }
    }

    package mutating func abandon(_ batch: [Reservation]) -> [CommitVerdict] {
        batch.map { reservation in
            if let found = orders[reservation.order] { return found.verdict }
            guard let sale = sales[reservation.sale], let item = sale.items.first(where: { $0.sku == reservation.sku }) else {
                return .rejected(.abandoned)
            }
            return reject(reservation, .abandoned, key: nil, item, sale)
        }
    }

    private mutating func reject(
        _ reservation: Reservation, _ reason: CommitVerdict.Rejection, key: IdempotencyKey?, _ item: SaleItem, _ sale: Sale
    ) -> CommitVerdict {
        orders[reservation.order] = StoredOrder(
            order: Order(reservation, item, sale, state: .rejected), key: key, epoch: reservation.epoch, rejection: reason)
        return .rejected(reason)
    }

    private func isUsed(_ key: IdempotencyKey, by user: UserID, in sale: SaleID) -> Bool {
        orders.values.contains { $0.key == key && $0.order.user == user && $0.order.sale == sale }
    }

    func liveUnits(of user: UserID, _ sku: SKU, in sale: SaleID) -> Int {
        orders.values.reduce(0) { sum, stored in
            let order = stored.order
            return order.user == user && order.sku == sku && order.sale == sale && order.state.isLive ? sum + order.quantity : sum
        }
    }

    private mutating func edit(_ sku: SKU, of sale: SaleID, _ change: (inout SaleItem) -> Void) {
        guard let index = sales[sale]?.items.firstIndex(where: { $0.sku == sku }) else { return }
        change(&sales[sale]!.items[index])
    }

    private mutating func addMove(_ kind: StockMove.Kind, _ order: Order, key: IdempotencyKey? = nil) {
        edit(order.sku, of: order.sale) { $0.lastMove += 1 }
        guard let sale = sales[order.sale], let item = sale.items.first(where: { $0.sku == order.sku }) else { return }
        moves.append(
            StockMove(
                sale: order.sale, sku: order.sku, number: item.lastMove, kind: kind, order: order.id, user: order.user, quantity: order.quantity,
                key: key, epoch: sale.epoch))
    }

    // MARK: OrderLife

    private mutating func end(_ id: OrderID, as state: OrderState) {
        guard var order = orders[id]?.order, order.state == .awaitingPayment else { return }
        order.state = state
        orders[id]?.order = order
        edit(order.sku, of: order.sale) { $0.committed -= Int64(order.quantity) }
        if !flaws.contains(.keepsUnits) { addMove(.giveBack, order) }
    }

    package mutating func cancel(_ id: OrderID, by user: UserID) -> CancelOutcome {
        guard let found = orders[id]?.order, found.user == user else { return .unknownOrder }
        switch found.state {
        case .awaitingPayment:
            end(id, as: .cancelled)
            return .cancelled(orders[id]!.order)
        case .cancelled: return .cancelled(found, isNews: false)
        case .reserved, .paid, .expired, .rejected: return .notCancellable(found)
        }
    }

    package mutating func record(_ event: PaymentEvent) -> PaymentOutcome {
        guard let order = orders[event.order]?.order else { return .unknownOrder }
        if let earlier = events[event.id] { return earlier == event ? .recorded(order, isNews: false) : .otherEvent }
        guard event.isFor(order) else { return .wrongAmount(due: order.amountDue, currency: order.currency) }
        events[event.id] = event
        if event.outcome == .succeeded { received[order.id, default: 0] += event.amount }
        switch PaymentEffect(of: event, on: order.state) {
        case .paid: orders[order.id]?.order.state = .paid
        case .cancelled: end(order.id, as: .cancelled)
        case .refundDue: orders[order.id]?.order.refundDue = true
        case .none: break
        }
        return .recorded(orders[order.id]!.order)
    }

    package mutating func cancel(_ id: OrderID) -> OperatorCancelOutcome {
        guard let found = orders[id]?.order else { return .unknownOrder }
        guard found.state == .awaitingPayment else { return .notCancellable(found) }
        end(id, as: .cancelled)
        return .cancelled(orders[id]!.order)
    }

    /// What an order owes its buyer.
    package func surplus(of order: Order) -> Int64 { (received[order.id] ?? 0) - (order.state == .paid ? order.amountDue : 0) }

    package func hasRefunded(_ order: OrderID) -> Bool { references[order] != nil }

    package mutating func record(_ refund: Refund) -> RefundOutcome {
        guard let order = orders[refund.order]?.order else { return .unknownOrder }
        let due = surplus(of: order)
        if !flaws.contains(.refundsAnything) {
            guard order.refundDue, due > 0 else { return .notDue(order) }
            guard refund.amount == due, refund.currency ?? order.currency == order.currency else {
                return .wrongAmount(due: due, currency: order.currency)
            }
        }
        guard references[order.id, default: []].insert(refund.reference).inserted else { return .referenceUsed(order) }
        received[order.id, default: 0] -= refund.amount
        orders[order.id]?.order.refundDue = false
        return .refunded(orders[order.id]!.order)
    }

    package mutating func expire(countMax: Int, at now: Timestamp) -> Int {
        let due = orders.values.filter { !$0.isDueByBatch }.map(\.order).filter { $0.state == .awaitingPayment && $0.payBy <= now }
            .sorted { ($0.payBy, $0.id) < ($1.payBy, $1.id) }.prefix(countMax)
        for order in due.sorted(by: { $0.id < $1.id }) { end(order.id, as: .expired) }
        return due.count + expireBatches(countMax: countMax - due.count, at: now)
    }

    /// Only the usual batch has one deadline: its orders stand close together, are new, of one item
    /// that counts no users, and in its epoch.
    private mutating func enterDeadline(of batch: [Reservation]) {
        let sorted = batch.sorted { $0.order < $1.order }
        guard let first = sorted.first, let last = sorted.last, let sale = sales[first.sale],
            batch.allSatisfy({ $0.sale == first.sale && $0.sku == first.sku && $0.epoch == first.epoch }), first.epoch >= sale.epoch,
            sale.items.first(where: { $0.sku == first.sku })?.limitPerUser == 1,
            last.order.createdAt.milliseconds - first.order.createdAt.milliseconds <= 1_000
        else { return }
        for reservation in batch { orders[reservation.order]?.isDueByBatch = true }
        let payBy = batch.compactMap { orders[$0.order]?.order.payBy }.min()!
        unpaidBatches.append(UnpaidBatch(payBy: payBy, first: first.order, last: last.order, sale: first.sale, sku: first.sku))
    }

    private mutating func expireBatches(countMax: Int, at now: Timestamp) -> Int {
        var ended = 0
        for batch in unpaidBatches.filter({ $0.payBy <= now }).sorted(by: { ($0.payBy, $0.first) < ($1.payBy, $1.first) }) where ended < countMax {
            let unpaid = orders.values.filter { $0.isDueByBatch && $0.order.state == .awaitingPayment && batch.holds($0.order) }.map(\.order)
                .sorted { $0.id < $1.id }
            let due = unpaid.filter { $0.payBy <= now }.prefix(countMax - ended)
            for order in due { end(order.id, as: .expired) }
            ended += due.count
            guard ended < countMax else { break }
            unpaidBatches.removeAll { $0.first == batch.first }
            guard let next = unpaid.filter({ $0.payBy > now }).map(\.payBy).min() else { continue }
            var kept = batch
            kept.payBy = next
            unpaidBatches.append(kept)
        }
        return ended
    }

    package func pendingMoves(besides left: [SaleID], countMax: Int) -> [StockMove] {
        Array(moves.filter { !left.contains($0.sale) }.sorted { ($0.sale, $0.sku, $0.number) < ($1.sale, $1.sku, $1.number) }.prefix(countMax))
    }

    @discardableResult
    package mutating func forget(_ known: [StockMove], of sale: SaleID, epoch: Epoch) -> Int {
        guard sales[sale]?.epoch == epoch else { return 0 }
        let before = moves.count
        moves.removeAll { move in known.contains { $0.sale == move.sale && $0.sku == move.sku && $0.number == move.number } }
        return before - moves.count
    }

    // MARK: OrderReader

    package func verdict(on id: OrderID) -> CommitVerdict? { orders[id]?.verdict }
    package func order(_ id: OrderID) -> Order? { orders[id]?.order }

    package func orders(of user: UserID, before cursor: OrderID?, countMax: Int) -> [Order] {
        Array(orders.values.map(\.order).filter { $0.user == user && $0.id < cursor ?? .last }.sorted { $0.id > $1.id }.prefix(countMax))
    }

    package func orders(_ filter: OrderFilter, before cursor: OrderID?, countMax: Int) -> [Order] {
        Array(orders.values.map(\.order).filter { filter.lets(pass: $0) && $0.id < cursor ?? .last }.sorted { $0.id > $1.id }.prefix(countMax))
    }

    // MARK: SaleLedger, OperatorLedger

    package func news(since position: Int64?, and asked: [SaleID]) -> SaleNews {
        let isWhole = position == nil || position! > nextTransaction
        let told = sales.values.filter { isWhole || changedIn[$0.id]! >= position! || asked.contains($0.id) }
        return SaleNews(position: nextTransaction, sales: told.sorted { $0.id < $1.id }, isWhole: isWhole)
    }

    private mutating func changed(_ sale: SaleID) {
        changedIn[sale] = nextTransaction
        nextTransaction += 1
    }

    package mutating func beginEpoch(of sale: SaleID) -> Epoch? {
        changed(sale)
        sales[sale]?.beginEpoch()
        return sales[sale]?.epoch
    }

    package mutating func proveEpoch(_ epoch: Epoch, of sale: SaleID, run: String) -> Bool {
        guard sales[sale]?.epoch == epoch else { return false }
        sales[sale]?.provenRun = run
        changed(sale)
        return true
    }

    package func rebuildEntries(of sale: SaleID) -> [RebuildEntry] {
        orders.values.filter { $0.order.sale == sale && ($0.order.state.isLive || $0.key != nil) }
            .map {
                RebuildEntry(
                    order: $0.order.id, user: $0.order.user, sku: $0.order.sku, quantity: $0.order.quantity, key: $0.key,
                    isLive: $0.order.state.isLive)
            }
            .sorted { $0.order < $1.order }
    }

    package func movesOfSale(_ sale: SaleID) -> [StockMove] {
        moves.filter { $0.sale == sale }.sorted { ($0.sku, $0.number) < ($1.sku, $1.number) }
    }

    /// Makes a new sale, or those changes of an operator that the world's operators make; `nil`
    /// when it is done, otherwise why not.
    package mutating func make(_ changes: [SaleChange], to id: SaleID) -> LedgerChangeError? {
        var sale =
            sales[id]
            ?? Sale(
                id: id, title: "", status: .open, opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 1), payWithinMilliseconds: 1,
                version: 1, epoch: 0, provenRun: "", items: [])
        for change in changes {
            switch change {
            case .create(let title, let opensAt, let closesAt, let payWithin):
                guard sales[id] == nil else { return .conflict("exists") }
                (sale.title, sale.opensAt, sale.closesAt, sale.payWithinMilliseconds) = (title, opensAt, closesAt, payWithin)
            case .addItem(let sku, let title, let unitPrice, let currency, let stock, let limit):
                sale.items.append(
                    SaleItem(
                        sku: sku, title: title, unitPrice: unitPrice, currency: currency, loaded: stock, committed: 0, limitPerUser: limit, version: 1
                    ))
                sale.items.sort { $0.sku < $1.sku }
            case .setStatus(let from, let to):
                guard sale.status == from, from != .closed else { return .conflict("status moved") }
                sale.status = to
            case .moveStock(let sku, let from, let to):
                guard let index = sale.items.firstIndex(where: { $0.sku == sku }) else { return .notFound("item") }
                guard sale.items[index].loaded == from, to >= sale.items[index].committed else { return .conflict("stock moved") }
                sale.items[index].loaded = to
                sale.items[index].version += 1
            case .setTitle(let from, let to):
                guard sale.title == from else { return .conflict("title moved") }
                sale.title = to
            case .setOpensAt(let from, let to):
                guard sale.opensAt == from else { return .conflict("opens_at moved") }
                sale.opensAt = to
            case .setClosesAt(let from, let to):
                guard sale.closesAt == from else { return .conflict("closes_at moved") }
                sale.closesAt = to
            default: return .conflict("no operator of this world does so")
            }
        }
        if sales[id] != nil, !changes.isEmpty { sale.version += 1 }
        sales[id] = sale
        changed(id)
        return nil
    }

    package func auditFigures(of sale: SaleID) -> [SKU: AuditFigures] {
        var figures: [SKU: AuditFigures] = [:]
        for item in sales[sale]?.items ?? [] {
            let live = orders.values.map(\.order).filter { $0.sale == sale && $0.sku == item.sku && $0.state.isLive }
            let perUser = Dictionary(grouping: live, by: \.user).mapValues { $0.reduce(0) { $0 + $1.quantity } }
            figures[item.sku] = AuditFigures(
                loaded: item.loaded, committed: item.committed, inLiveOrders: live.reduce(0) { $0 + Int64($1.quantity) },
                limitPerUser: item.limitPerUser, usersOverLimit: Int64(perUser.values.count { $0 > item.limitPerUser }))
        }
        return figures
    }
}

extension Order {
    init(_ reservation: Reservation, _ item: SaleItem, _ sale: Sale, state: OrderState) {
        self.init(
            id: reservation.order, sale: reservation.sale, sku: reservation.sku, user: reservation.user, quantity: reservation.quantity,
            unitPrice: item.unitPrice, currency: item.currency, state: state, createdAt: reservation.grantedAt,
            payBy: reservation.grantedAt.advanced(milliseconds: sale.payWithinMilliseconds))
    }
}

extension OrderID {
    static let last = OrderID(high: .max, low: .max)
}

extension Sale {
    fileprivate mutating func beginEpoch() {
        epoch = Epoch(epoch.number + 1)
        provenRun = ""
    }
}
