import PostgresLedger
import SaleCore
import SaleService
import Testing

/// A payment provider's events, in every state of an order.
@Suite(.timeLimit(.minutes(2))) struct PostgresPaymentTests {
    @Test(arguments: [1, 3]) func aPaymentKeepsTheUnitsAndEntersTheMoney(limit: Int) async throws {
        try await withLife(stock: 9, limit: limit) { test in
            let order = reservation(1, user: "ann", quantity: limit)
            try await test.commit([order])
            let paid = try await test.life.record(test.payment(order, id: "e1")).order
            #expect(paid?.state == .paid)
            #expect(paid?.refundDue == false)
            #expect(try await test.ledger.committed() == [Int64(limit)])
            #expect(try await test.counted() == (limit > 1 ? Int64(limit) : 0))
            #expect(try await test.moves() == [])
            #expect(try await test.ledgerLines("payment") == ["0 \(399_900 * limit) CNY"])
            #expect(try await test.events() == ["e1 succeeded paid"])
        }
    }

    @Test(arguments: [1, 3]) func aFailedPaymentCancelsTheOrderAndGivesItsUnitsBack(limit: Int) async throws {
        try await withLife(stock: 9, limit: limit) { test in
            let order = reservation(1, user: "ann", quantity: limit)
            try await test.commit([order, reservation(2)])
            #expect(try await test.life.record(test.payment(order, id: "e1", .failed)).order?.state == .cancelled)
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.counted("ann") == 0)
            #expect(try await test.moves() == [test.giveBack(order, number: 1)])
            #expect(try await test.ledgerLines("payment") == [])
            #expect(try await test.ledgerLines("release") == ["\(-limit) 0 "])
            #expect(try await test.events() == ["e1 failed cancelled"])
        }
    }

    @Test(arguments: [PaymentEvent.Outcome.succeeded, .failed]) func anEventThatComesAgainCountsOnce(outcome: PaymentEvent.Outcome) async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1)
            try await test.commit([order])
            let event = test.payment(order, id: "e1", outcome)
            let first = try await test.life.record(event)
            let told = try #require(first.order)
            #expect(first == .recorded(told))
            for _ in 1...3 { #expect(try await test.life.record(event) == .recorded(told, isNews: false)) }
            #expect(!told.refundDue)
            #expect(try await test.events().count == 1)
            #expect(try await test.ledgerLines("payment").count == (outcome == .succeeded ? 1 : 0))
            #expect(try await test.ledger.committed() == [outcome == .succeeded ? 1 : 0])
            #expect(try await test.lastMove() == (outcome == .succeeded ? 0 : 1))
        }
    }

    /// Money that came for units which the order no longer holds.
    @Test(arguments: [OrderState.cancelled, .expired, .rejected]) func aLatePaymentIsKeptAndDueForRefund(state: OrderState) async throws {
        try await withLife(stock: state == .rejected ? 0 : 1) { test in
            let order = reservation(1)
            _ = try await test.ledger.journal().commit([order])
            switch state {
            case .cancelled: _ = try await test.life.cancel(order.order, by: order.user)
            case .expired:
                try await test.letPass()
                #expect(try await test.life.expire(countMax: 1) == 1)
            default: break
            }
            let moves = try await test.moves()
            let late = try await test.life.record(test.payment(order, id: "e1")).order
            #expect(late?.state == state)
            #expect(late?.refundDue == true)
            #expect(try await test.ledger.committed() == [0])
            #expect(try await test.moves() == moves)
            #expect(try await test.ledgerLines("payment") == ["0 399900 CNY"])
            #expect(try await test.events() == ["e1 succeeded refund_due"])
        }
    }

    @Test func aSecondPaymentIsKeptAndDueForRefund() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1)
            try await test.commit([order])
            _ = try await test.life.record(test.payment(order, id: "e1"))
            let second = try await test.life.record(test.payment(order, id: "e2")).order
            #expect(second?.state == .paid)
            #expect(second?.refundDue == true)
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.ledgerLines("payment") == ["0 399900 CNY", "0 399900 CNY"])
            #expect(try await test.events() == ["e1 succeeded paid", "e2 succeeded refund_due"])
        }
    }

    @Test(arguments: [OrderState.paid, .cancelled, .expired, .rejected])
    func aFailureOfAnOrderThatDoesNotWaitChangesNothing(state: OrderState) async throws {
        try await withLife(stock: state == .rejected ? 0 : 1) { test in
            let order = reservation(1)
            _ = try await test.ledger.journal().commit([order])
            switch state {
            case .paid: _ = try await test.life.record(test.payment(order, id: "e0"))
            case .cancelled: _ = try await test.life.cancel(order.order, by: order.user)
            case .expired:
                try await test.letPass()
                #expect(try await test.life.expire(countMax: 1) == 1)
            default: break
            }
            let (moves, committed) = (try await test.lastMove(), try await test.ledger.committed())
            let after = try await test.life.record(test.payment(order, id: "e1", .failed)).order
            #expect(after?.state == state)
            #expect(after?.refundDue == false)
            #expect(try await test.lastMove() == moves)
            #expect(try await test.ledger.committed() == committed)
            #expect(try await test.events().last == "e1 failed none")
        }
    }

    @Test(arguments: PaymentEvent.Outcome.allCases)
    func aWrongAmountOrCurrencyIsNotKeptWhateverTheOutcome(outcome: PaymentEvent.Outcome) async throws {
        try await withLife(stock: 9, limit: 2) { test in
            let order = reservation(1, quantity: 2)
            try await test.commit([order])
            let due = PaymentOutcome.wrongAmount(due: 799_800, currency: Currency("CNY")!)
            #expect(try await test.life.record(test.payment(order, id: "e1", outcome, amount: 0)) == due)
            #expect(try await test.life.record(test.payment(order, id: "e1", outcome, amount: 399_900)) == due)
            #expect(try await test.life.record(test.payment(order, id: "e1", outcome, amount: 799_801)) == due)
            #expect(try await test.life.record(test.payment(order, id: "e1", outcome, currency: "EUR")) == due)
            #expect(try await test.state(order) == .awaitingPayment)
            #expect(try await test.events() == [])
            #expect(try await test.ledgerLines("payment") == [])
            // The id was not used up.
            #expect(try await test.life.record(test.payment(order, id: "e1")).order?.state == .paid)
        }
    }

    @Test func anotherEventUnderTheSameIdIsNotKept() async throws {
        try await withLife(stock: 9) { test in
            let (order, other) = (reservation(1), reservation(2))
            try await test.commit([order, other])
            _ = try await test.life.record(test.payment(order, id: "e1"))
            #expect(try await test.life.record(test.payment(order, id: "e1", .failed)) == .otherEvent)
            #expect(try await test.life.record(test.payment(order, id: "e1", amount: 1)) == .otherEvent)
            #expect(try await test.life.record(test.payment(other, id: "e1")) == .otherEvent)
            #expect(try await test.state(order) == .paid)
            #expect(try await test.state(other) == .awaitingPayment)
            #expect(try await test.events() == ["e1 succeeded paid"])
            #expect(try await test.ledgerLines("payment").count == 1)
        }
    }

    @Test func anEventOfAnUnknownOrderIsNotKept() async throws {
        try await withLife(stock: 9) { (test) async throws in
            #expect(try await test.life.record(test.payment(reservation(1), id: "e1")) == .unknownOrder)
            #expect(try await test.events() == [])
        }
    }
}
