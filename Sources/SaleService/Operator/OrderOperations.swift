package import SaleCore

/// What operators do to orders, and what they see of them.
///
/// An order that Postgres does not have yet is carried there before anything is done to it,
/// whichever node granted it.
package struct OrderOperations: Sendable {
    private let orders: any OperatorOrders
    private let books: any OrderBooks
    private let ledger: any OperatorLedger
    private let log: any ReservationLog
    private let recovery: LogRecovery

    package init(
        orders: any OperatorOrders, books: any OrderBooks, ledger: any OperatorLedger, log: any ReservationLog, journal: any OrderJournal
    ) {
        self.orders = orders
        self.books = books
        self.ledger = ledger
        self.log = log
        recovery = LogRecovery(log: log, journal: journal)
    }

    // MARK: Changes

    /// Cancels an order that awaits its payment; its units go on sale again.
    ///
    /// - Parameters:
    ///   - dryRun: only say what the order would be; nothing is written, nor carried to Postgres.
    ///   - attribution: with a reason.
    package func cancel(_ id: OrderID, dryRun: Bool = false, by attribution: Attribution) async throws(OperatorCommandError) -> Order {
        try require(OperatorText.violations(of: attribution.reason, "reason"))
        do {
            var outcome = try await orders.cancel(id, dryRun: dryRun, by: attribution)
            if outcome == .unknownOrder {
                if !dryRun {
                    try await carryOver(id)
                } else if let (reservation, sale) = try await reserved(id), let order = Order(reserved: reservation, in: sale) {
                    return order.cancelled
                }
                outcome = try await orders.cancel(id, dryRun: dryRun, by: attribution)
            }
            switch outcome {
            case .cancelled(let order): return order
            case .notCancellable(let order): throw OperatorCommandError.conflict(Self.cancelRefusal(order))
            case .unknownOrder: throw OperatorCommandError.notFound("there is no order \(id)")
            }
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// Keeps that all the money which is due for a refund went back to the buyer, and takes the
    /// order off the list of those.
    ///
    /// - Parameter dryRun: only say what the order would be; nothing is written.
    package func record(_ refund: Refund, dryRun: Bool = false, by attribution: Attribution) async throws(OperatorCommandError) -> Order {
        try require(OperatorText.violations(of: refund.reference, "reference") + Self.violations(of: refund.amount))
        if attribution.reason != nil { try require(OperatorText.violations(of: attribution.reason, "reason")) }
        do {
            switch try await orders.record(refund, dryRun: dryRun, by: attribution) {
            case .refunded(let order): return order
            case .unknownOrder: throw OperatorCommandError.notFound("there is no order \(refund.order)")
            case .notDue(let order):
                throw OperatorCommandError.conflict(Self.refundRefusal(order, last: try await books.record(of: order.id)?.refunds.last))
            case .wrongAmount(let due, let currency):
                let fault = refund.currency.map { $0 == currency ? "" : "the order is in \(currency), not in \($0): " } ?? ""
                throw OperatorCommandError.conflict(
                    fault + "\(Money.both(due, currency)) is due to the buyer of order \(refund.order), all at once; nothing was recorded")
            case .referenceUsed(let order):
                throw OperatorCommandError.conflict("an earlier refund of order \(order.id) has the reference \(refund.reference)")
            }
        } catch {
            throw OperatorCommandError(error)
        }
    }

    private static func violations(of amount: Int64) -> [Violation] {
        amount > 0 ? [] : [Violation(field: "amount", reason: "must be above 0, in the currency's minor unit, not \(amount)")]
    }

    private static func refundRefusal(_ order: Order, last: RefundRecord?) -> String {
        let state = "order \(order.id) is \(order.state.words) and no refund is due"
        if let last {
            return "\(state): already refunded \(Money.amount(last.amount, last.currency)), reference \(last.reference), by \(last.actor)"
        }
        switch order.state {
        case .paid:
            return "\(state): one is due only for money that came too late or twice. A paid order is paid back, as a return, at the payment provider "
                + "and in the shop's own books; here it stays paid"
        case .awaitingPayment, .reserved: return "\(state): nothing was received for it; to give its units back, cancel it"
        case .cancelled, .expired, .rejected: return "\(state): nothing was received for it"
        }
    }

    private static func cancelRefusal(_ order: Order) -> String {
        switch order.state {
        case .paid:
            "order \(order.id) is paid, and a paid order is not cancelled here: its units stay sold. Its buyer is paid back, as a return, at the payment "
                + "provider and in the shop's own books"
        case .cancelled, .expired, .rejected: "order \(order.id) is \(order.state.words) already"
        case .reserved, .awaitingPayment: "order \(order.id) is being changed; try again"
        }
    }

    private func require(_ violations: [Violation]) throws(OperatorCommandError) {
        guard violations.isEmpty else { throw .invalid(violations) }
    }

    /// One that no log holds may have gone from there to Postgres meanwhile.
    private func carryOver(_ id: OrderID) async throws {
        if let (reservation, sale) = try await reserved(id) { try await recovery.finish([reservation], of: sale.id) }
    }

    // MARK: Readings

    /// All that is known of an order; of one that Postgres does not have yet, what Redis granted.
    package func order(_ id: OrderID) async throws(OperatorCommandError) -> OrderRecord {
        do {
            if let record = try await books.record(of: id) { return record }
            if let (reservation, sale) = try await reserved(id), let order = Order(reserved: reservation, in: sale) {
                return OrderRecord(order: order)
            }
            // Its commit may have come between the two looks.
            if let record = try await books.record(of: id) { return record }
            throw OperatorCommandError.notFound("there is no order \(id)")
        } catch {
            throw OperatorCommandError(error)
        }
    }

    private func reserved(_ id: OrderID) async throws -> (Reservation, Sale)? {
        for sale in try await ledger.sales() where id.hint == nil || id.hint == SaleHint(of: sale.id) {
            if let reservation = try await log.reservation(id, of: sale.id) { return (reservation, sale) }
        }
        return nil
    }

    /// What was paid for each of `orders`, which were read a moment ago.
    package func money(of orders: [Order]) async throws(OperatorCommandError) -> [OrderID: OrderMoney] {
        do {
            return try await books.money(of: orders)
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// Committed orders, newest first.
    ///
    /// - Parameter cursor: the last one of an earlier page.
    package func orders(_ filter: OrderFilter, before cursor: OrderID?, countMax: Int) async throws(OperatorCommandError) -> [Order] {
        do {
            return try await ledger.orders(filter, before: cursor, countMax: countMax)
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// Tells `body` of every order that `filter` lets pass, newest first, a page after the other:
    /// however many there are, one page is in memory.
    ///
    /// - Parameters:
    ///   - cursor: the last one that is known already.
    ///   - countMax: of orders; all when `nil`.
    ///   - isEnough: asked after each page.
    package func forEachPage(
        _ filter: OrderFilter, before cursor: OrderID? = nil, countMax: Int? = nil, until isEnough: () -> Bool = { false },
        _ body: ([Order]) async throws -> Void
    ) async throws {
        var (cursor, left) = (cursor, countMax ?? .max)
        while left > 0 {
            let count = min(Limits.operatorPageMax, left)
            let page = try await orders(filter, before: cursor, countMax: count)
            if !page.isEmpty { try await body(page) }
            guard page.count == count, let last = page.last, !isEnough() else { return }
            cursor = last.id
            left -= page.count
        }
    }

    /// The audit trail, newest first.
    ///
    /// - Parameter id: of the last one of an earlier page.
    package func history(_ filter: AuditFilter, before id: Int64?, countMax: Int) async throws(OperatorCommandError) -> [AuditEntry] {
        do {
            return try await books.audit(filter, before: id, countMax: countMax)
        } catch {
            throw OperatorCommandError(error)
        }
    }

    /// The stock ledger of a sale, each item's with its balance.
    ///
    /// - Parameter position: of the last one of an earlier page.
    package func ledger(
        of sale: SaleID, _ sku: SKU?, after position: LedgerPosition?, countMax: Int
    ) async throws(OperatorCommandError) -> [LedgerLine] {
        do {
            let entries = try await books.ledger(of: sale, sku, after: position.map { ($0.sku, $0.id) }, countMax: countMax)
            return LedgerLine.lines(entries, after: position)
        } catch {
            throw OperatorCommandError(error)
        }
    }
}

extension Order {
    /// What it would be.
    package var cancelled: Order {
        var order = self
        order.state = .cancelled
        return order
    }
}

extension OrderState {
    /// For a sentence.
    fileprivate var words: String { rawValue.split(separator: "_").joined(separator: " ") }
}
