import PostgresLedger
import SaleCore
import SaleService
import Testing

/// What operators do to orders, and read of them, in a real Postgres.
@Suite(.timeLimit(.minutes(3))) struct OperatorOrdersTests {
    private struct Desk: Sendable {
        let test: LifeUnderTest
        let orders: PostgresOperatorOrders
        let books: PostgresOrderBooks

        init(_ test: LifeUnderTest) {
            let sessions = PostgresSessions(address: test.ledger.address)
            self.test = test
            orders = PostgresOperatorOrders(sessions: sessions)
            books = PostgresOrderBooks(sessions: sessions)
        }

        /// An order that was cancelled and then paid, so often.
        func latelyPaid(_ number: Int = 1, times: Int = 1) async throws -> Reservation {
            let order = reservation(number)
            try await test.commit([order])
            _ = try await test.life.cancel(order.order, by: order.user)
            for time in 1...times { _ = try await test.life.record(test.payment(order, id: "late-\(number)-\(time)")) }
            return order
        }

        func refund(_ order: Reservation, _ amount: Int64 = 399_900, _ currency: String? = nil, _ reference: String = "tx-1") async throws
            -> RefundOutcome
        {
            try await orders.record(
                Refund(order: order.order, amount: amount, currency: currency.flatMap { Currency($0) }, reference: reference), dryRun: false,
                by: .test)
        }

        /// Money of each order that was received and not paid back.
        func sum(_ order: Reservation) async throws -> Int64 {
            try await test.ledger.number("SELECT coalesce(sum(amount), 0) FROM stock_ledger WHERE order_id = '\(order.order)'")
        }

        func auditCount() async throws -> Int64 { try await test.ledger.number("SELECT count(*) FROM operator_audit WHERE order_id IS NOT NULL") }
    }

    private static let cny = Currency("CNY")!

    // MARK: Cancel

    @Test(arguments: [1, 3]) func anOperatorsCancelGivesTheUnitsBackAndStandsInTheTrail(limit: Int) async throws {
        try await withLife(stock: 9, limit: limit) { test in
            let (desk, order) = (Desk(test), reservation(1, user: "ann", quantity: limit))
            try await test.commit([order])
            let attribution = Attribution(actor: "olga", channel: .api, command: "POST /x", reason: "asked by phone", requestID: "r-1")
            guard case .cancelled(let cancelled) = try await desk.orders.cancel(order.order, dryRun: false, by: attribution) else {
                Issue.record("not cancelled")
                return
            }
            #expect(cancelled.state == .cancelled && cancelled.user.rawValue == "ann")
            #expect(try await test.ledger.committed() == [0])
            #expect(try await test.counted() == 0)
            #expect(try await test.moves() == [test.giveBack(order, number: 1)])
            let entry = try #require(try await desk.books.audit(AuditFilter(), before: nil, countMax: 9).first)
            #expect(entry.attribution == attribution && entry.order == order.order && entry.sale == order.sale)
            #expect(entry.changes == ["order \(order.order) state awaiting_payment → cancelled"])
        }
    }

    @Test func whatCannotBeCancelledIsSaidAndNotKept() async throws {
        try await withLife(stock: 9) { test in
            let desk = Desk(test)
            #expect(try await desk.orders.cancel(reservation(9).order, dryRun: false, by: .test) == .unknownOrder)
            let (paid, cancelled) = (reservation(1), reservation(2))
            try await test.commit([paid, cancelled])
            _ = try await test.life.record(test.payment(paid, id: "e1"))
            _ = try await test.life.cancel(cancelled.order, by: cancelled.user)
            for order in [paid, cancelled] {
                guard case .notCancellable = try await desk.orders.cancel(order.order, dryRun: false, by: .test) else {
                    Issue.record("\(order)")
                    continue
                }
            }
            #expect(try await desk.auditCount() == 0)
            #expect(try await test.ledger.committed() == [1])
        }
    }

    /// The buyer, the provider and two operators: one of them ends or pays the order.
    @Test func ofManyWhoEndAnOrderOneDoes() async throws {
        try await withLife(stock: 100) { test in
            let orders = (0..<40).map { reservation($0) }
            try await test.commit(orders)
            let desks = [Desk(test), Desk(test)]
            let cancels = try await withThrowingTaskGroup(of: Int.self) { group in
                for desk in desks {
                    group.addTask {
                        var count = 0
                        for order in orders {
                            if case .cancelled = try await desk.orders.cancel(order.order, dryRun: false, by: .test) { count += 1 }
                        }
                        return count
                    }
                }
                group.addTask {
                    for order in orders where order.order.low % 2 == 0 { _ = try await test.life.record(test.payment(order, id: "e\(order.order)")) }
                    return 0
                }
                return try await group.reduce(0, +)
            }
            let cancelled = try await test.ledger.number("SELECT count(*) FROM orders WHERE state = 'cancelled'")
            #expect(Int64(cancels) == cancelled)
            #expect(try await desks[0].auditCount() == cancelled)
            #expect(try await test.lastMove() == cancelled)
            #expect(try await test.ledger.committed() == [40 - cancelled])
        }
    }

    // MARK: Refunds

    @Test func aRefundClearsTheDebtAndTheLedgerSumsToNothing() async throws {
        try await withLife(stock: 9) { test in
            let desk = Desk(test)
            let order = try await desk.latelyPaid()
            #expect(try await desk.sum(order) == 399_900)
            guard case .refunded(let settled) = try await desk.refund(order) else {
                Issue.record("not refunded")
                return
            }
            #expect(settled.state == .cancelled && !settled.refundDue)
            #expect(try await PostgresOrders(address: test.ledger.address).order(order.order) == settled)
            #expect(try await desk.sum(order) == 0)
            #expect(try await test.ledgerLines("refund") == ["0 -399900 CNY"])
            #expect(
                try await test.ledger.lines("SELECT format('%s %s %s %s', reference, amount, currency, actor) FROM refunds") == [
                    "tx-1 399900 CNY test"
                ])
            #expect(try await desk.auditCount() == 1)
        }
    }

    @Test func onlyWhatIsDueIsRefundedAndOnlyOnce() async throws {
        try await withLife(stock: 9) { test in
            let desk = Desk(test)
            let order = try await desk.latelyPaid()
            let due = RefundOutcome.wrongAmount(due: 399_900, currency: Self.cny)
            for amount in [1, 399_899, 399_901] as [Int64] { #expect(try await desk.refund(order, amount) == due) }
            #expect(try await desk.refund(order, 399_900, "EUR") == due)
            #expect(try await desk.refund(reservation(9)) == .unknownOrder)
            #expect(try await desk.sum(order) == 399_900)
            #expect(try await desk.auditCount() == 0)
            guard case .refunded = try await desk.refund(order, 399_900, "CNY") else {
                Issue.record("not refunded")
                return
            }
            for reference in ["tx-1", "tx-2"] {
                guard case .notDue = try await desk.refund(order, 399_900, nil, reference) else {
                    Issue.record("refunded again")
                    return
                }
            }
            #expect(try await desk.sum(order) == 0)
            #expect(try await desk.auditCount() == 1)
        }
    }

    /// A paid order keeps what it costs; a payment beyond it is due.
    @Test func aPaidOrderIsRefundedWhatCameBeyondItsPrice() async throws {
        try await withLife(stock: 9) { test in
            let (desk, order) = (Desk(test), reservation(1))
            try await test.commit([order])
            _ = try await test.life.record(test.payment(order, id: "e1"))
            guard case .notDue = try await desk.refund(order) else {
                Issue.record("a paid order was refunded")
                return
            }
            for event in ["e2", "e3"] { _ = try await test.life.record(test.payment(order, id: event)) }
            #expect(try await desk.refund(order) == .wrongAmount(due: 799_800, currency: Self.cny))
            guard case .refunded(let settled) = try await desk.refund(order, 799_800) else {
                Issue.record("not refunded")
                return
            }
            #expect(settled.state == .paid)
            #expect(try await desk.sum(order) == 399_900)
        }
    }

    @Test func whatWasPaidForOrdersIsWhatTheLedgerSays() async throws {
        try await withLife(stock: 9) { test in
            let (desk, paid, waiting) = (Desk(test), reservation(7), reservation(8))
            try await test.commit([paid, waiting])
            _ = try await test.life.record(test.payment(paid, id: "e1"))
            let (due, refunded) = (try await desk.latelyPaid(1), try await desk.latelyPaid(2, times: 2))
            _ = try await desk.refund(refunded, 799_800)
            let again = try await desk.latelyPaid(3)
            _ = try await desk.refund(again)
            _ = try await test.life.record(test.payment(again, id: "again"))
            let expected: [(Reservation, Int64, Int64, Int64)] = [
                (paid, 399_900, 0, 0), (waiting, 0, 0, 0), (due, 399_900, 0, 399_900), (refunded, 799_800, 799_800, 0),
                (again, 799_800, 399_900, 399_900),
            ]
            var orders: [Order] = []
            for (order, _, _, _) in expected { orders.append(try #require(try await desk.books.record(of: order.order)).order) }
            let money = try await desk.books.money(of: orders)
            for ((order, received, refunded, due), found) in zip(expected, orders) {
                let paid = try #require(money[order.order])
                #expect(paid == OrderMoney(received: received, refunded: refunded) && paid.due(on: found) == due, "\(found)")
                #expect(try await desk.books.record(of: order.order)?.money == paid)
                #expect(try await desk.sum(order) == received - refunded)
            }
            #expect(try await desk.books.money(of: []) == [:])
        }
    }

    @Test func aPaymentAfterTheRefundIsDueAgainUnderAnotherReference() async throws {
        try await withLife(stock: 9) { test in
            let desk = Desk(test)
            let order = try await desk.latelyPaid()
            _ = try await desk.refund(order)
            _ = try await test.life.record(test.payment(order, id: "again"))
            guard case .referenceUsed = try await desk.refund(order) else {
                Issue.record("a transfer paid twice")
                return
            }
            #expect(try await desk.sum(order) == 399_900)
            guard case .refunded = try await desk.refund(order, 399_900, nil, "tx-2") else {
                Issue.record("not refunded")
                return
            }
            #expect(try await desk.sum(order) == 0)
        }
    }

    @Test func ofTwoOperatorsWhoSendTheSameMoneyBackOneIsBelieved() async throws {
        try await withLife(stock: 100) { test in
            let desk = Desk(test)
            var orders: [Reservation] = []
            for number in 0..<20 { orders.append(try await desk.latelyPaid(number)) }
            let due = orders
            let refunds = try await withThrowingTaskGroup(of: Int.self) { group in
                for operatorNumber in 0..<3 {
                    let desk = Desk(test)
                    group.addTask {
                        var count = 0
                        for order in due {
                            if case .refunded = try await desk.refund(order, 399_900, nil, "tx-\(operatorNumber)") { count += 1 }
                        }
                        return count
                    }
                }
                // Payments come in between.
                group.addTask {
                    for order in due { _ = try await test.life.record(test.payment(order, id: "more-\(order.order)")) }
                    return 0
                }
                return try await group.reduce(0, +)
            }
            let unsettled = try await test.ledger.catalog.orders(OrderFilter(isRefundDue: true), before: nil, countMax: 100)
            let kept = try await test.ledger.number("SELECT count(*) FROM refunds")
            #expect(kept == Int64(refunds) && kept >= 20 - Int64(unsettled.count))
            for order in orders {
                let sum = try await desk.sum(order)
                #expect(unsettled.contains { $0.id == order.order } ? sum > 0 : sum == 0, "\(order.order): \(sum)")
            }
        }
    }

    // MARK: Readings

    @Test func anOrderIsToldWithItsWholeLife() async throws {
        try await withLife(stock: 9) { test in
            let (desk, order) = (Desk(test), reservation(1, user: "ann", key: "my-key"))
            // Granted by a clock that agrees with Postgres's.
            try await test.commit([order])
            try await test.ledger.session.script("UPDATE orders SET created_at = now() - interval '1 minute'")
            _ = try await desk.orders.cancel(order.order, dryRun: false, by: .test.because("fraud"))
            _ = try await test.life.record(test.payment(order, id: "ev-7"))
            _ = try await desk.refund(order, 399_900, nil, "tx-9")
            let record = try #require(try await desk.books.record(of: order.order))
            #expect(record.life.map(\.what) == [.granted, .commit, .command, .release, .payment, .command, .refund])
            #expect(record.keyHash?.count == 64 && record.keyHash?.contains("my-key") == false)
            #expect(record.payments.map(\.event.id.rawValue) == ["ev-7"] && record.payments.first?.effect == .refundDue)
            #expect(record.refunds.map(\.reference) == ["tx-9"])
            #expect(record.ledger.map(\.kind) == [.release, .payment, .refund] && record.balance == 0)
            #expect(record.moves == [test.giveBack(order, number: 1)])
            #expect(record.audit.map(\.attribution.reason) == ["fraud", nil])
            #expect(try await desk.books.record(of: reservation(2).order) == nil)
        }
    }

    @Test func aRejectedOrderSaysWhy() async throws {
        try await withLife(stock: 0) { test in
            _ = try await test.ledger.journal().commit([reservation(1)])
            let record = try #require(try await Desk(test).books.record(of: reservation(1).order))
            #expect(record.rejection == "no_units" && record.life.map(\.what) == [.granted, .reject])
        }
    }

    @Test func theTrailIsReadBackwardsInPages() async throws {
        try await withLife(stock: 9) { test in
            let desk = Desk(test)
            for title in ["a", "b", "c"] {
                let now = try #require(try await test.ledger.catalog.sale(LedgerUnderTest.sale)).title
                try await test.ledger.make([.setTitle(from: now, to: title)])
            }
            let all = try await desk.books.audit(AuditFilter(sale: LedgerUnderTest.sale), before: nil, countMax: 9)
            #expect(all.count == 4 && all.map(\.id) == all.map(\.id).sorted(by: >))
            let rest = try await desk.books.audit(AuditFilter(), before: all[1].id, countMax: 1)
            #expect(rest == [all[2]])
            #expect(try await desk.books.audit(AuditFilter(sale: SaleID("other")!), before: nil, countMax: 9) == [])
            #expect(try await desk.books.audit(AuditFilter(since: Timestamp(milliseconds: 4_000_000_000_000)), before: nil, countMax: 9) == [])
            #expect(try await desk.books.audit(AuditFilter(until: Timestamp(milliseconds: 0)), before: nil, countMax: 9) == [])
        }
    }

    @Test func theLedgerIsReadInPagesItemByItem() async throws {
        try await withLife(stock: 9, 5) { test in
            let (desk, other) = (Desk(test), LedgerUnderTest.sku(1))
            try await test.commit([reservation(1), reservation(2, sku: other)])
            _ = try await test.life.cancel(reservation(1).order, by: reservation(1).user)
            var (lines, last) = ([] as [LedgerEntry], nil as (sku: SKU, id: Int64)?)
            while true {
                let page = try await desk.books.ledger(of: LedgerUnderTest.sale, nil, after: last, countMax: 2)
                guard let end = page.last else { break }
                lines += page
                last = (end.sku, end.id)
            }
            #expect(lines.map(\.sku) == [other, other, LedgerUnderTest.phone, LedgerUnderTest.phone, LedgerUnderTest.phone])
            #expect(lines.map(\.kind) == [.load, .commit, .load, .commit, .release])
            let one = try await desk.books.ledger(of: LedgerUnderTest.sale, other, after: nil, countMax: 9)
            #expect(one == Array(lines.prefix(2)))
        }
    }
}
