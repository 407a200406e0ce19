import Testing

@testable import FaultSuite

/// A judge that finds nothing has to be one that would find something.
@Suite struct FaultJudgeTests {
    private var sale = FairSale()

    @Test func aFairSaleHasNoViolations() {
        #expect(sale.violations.isEmpty)
    }

    @Test mutating func anOrderThatIsNotInPostgresIsLost() {
        sale.books.orders.removeLast()
        sale.books.stock[0].committed = 2
        #expect(sale.violations.contains("confirmed_orders_stand"))
    }

    @Test mutating func aConfirmedOrderThatPostgresRejectedIsLost() {
        sale.books.orders[0].state = "rejected"
        sale.books.stock[0].committed = 2
        #expect(sale.violations.contains("confirmed_orders_stand"))
    }

    @Test mutating func oneOrderTooManyIsOversold() {
        sale.intentions.append(Intention(user: "buyer-5", key: "key-5"))
        sale.log.append(FairSale.exchange(4, 201, order: "order-5"))
        sale.books.orders.append(FairSale.order(5))
        sale.books.stock[0].committed = 4
        #expect(sale.violations.contains("no_oversell"))
    }

    /// Even when Postgres knows nothing of it: what buyers were told counts.
    @Test mutating func oneConfirmationTooManyIsOversold() {
        sale.intentions.append(Intention(user: "buyer-5", key: "key-5"))
        sale.log.append(FairSale.exchange(4, 201, order: "order-5"))
        #expect(sale.violations == ["no_oversell", "confirmed_orders_stand"])
    }

    @Test mutating func aCountThatIsNotThatOfTheOrdersIsFound() {
        sale.books.stock[0].committed = 2
        #expect(sale.violations.contains("no_oversell"))
    }

    @Test mutating func twoOrdersUnderAKeyAreFoundInPostgres() {
        sale.books.stock[0].limitPerUser = 2
        sale.books.orders[2] = FairSale.order(3, buyer: 1)
        #expect(sale.violations.contains("one_order_per_key"))
    }

    @Test mutating func twoOrdersUnderAKeyAreFoundInAnswers() {
        sale.log.append(FairSale.exchange(0, 202, order: "order-9", at: -5))
        sale.books.orders.append(FairSale.order(9, buyer: 1, state: "rejected"))
        #expect(sale.violations == ["one_order_per_key"])
    }

    @Test mutating func anotherBodyUnderAKeyIsFound() {
        sale.log.append(FairSale.exchange(0, 201, order: "order-1", at: 5, body: "{\"id\":\"order-1\",\"state\":\"paid\"}"))
        #expect(sale.violations == ["same_answer_per_key"])
    }

    @Test mutating func aStepBackFrom201To202IsFound() {
        sale.log.append(FairSale.exchange(0, 202, order: "order-1", at: 5))
        #expect(sale.violations == ["same_answer_per_key"])
    }

    @Test mutating func aReservedOrderWithoutAVerdictIsFound() {
        sale.log.append(FairSale.exchange(3, 202, order: "order-4", at: -5))
        #expect(sale.violations == ["reserved_orders_judged"])
    }

    @Test mutating func aReservedOrderThatWasRejectedHasItsVerdict() {
        sale.log.append(FairSale.exchange(3, 202, order: "order-4", at: -5))
        sale.books.orders.append(FairSale.order(4, state: "rejected"))
        #expect(sale.violations.isEmpty)
    }

    @Test mutating func aUserAboveTheLimitIsFound() {
        sale.intentions[1].user = "buyer-1"
        sale.books.orders[1] = FairSale.order(2, buyer: 1, key: 2)
        #expect(sale.violations == ["limit_per_user"])
    }

    @Test mutating func anOrderThatStandsForAnotherUserIsFound() {
        sale.books.orders[0].user = "buyer-4"
        #expect(sale.violations.contains("orders_as_ordered"))
    }

    @Test mutating func anOrderAnsweredToTwoUsersIsFound() {
        sale.log.append(FairSale.exchange(3, 201, order: "order-1", at: -5))
        #expect(sale.violations.contains("orders_as_ordered"))
    }

    @Test mutating func anOrderThatNobodyWantedIsFound() {
        sale.books.orders[0].user = "stranger"
        #expect(sale.violations.contains("no_unwanted_orders"))
    }

    @Test mutating func aUnitThatLeakedIsFound() {
        sale.audit.isBalanced = false
        #expect(sale.violations == ["units_conserved"])
    }

    @Test mutating func anOrderStillUnderWayIsNoRest() {
        sale.audit.balances[0].inFlight = 1
        #expect(sale.violations == ["units_conserved"])
    }

    @Test mutating func aUnitLeftUnsoldIsFound() {
        sale.log.remove(at: 2)
        sale.books.orders.removeLast()
        sale.books.stock[0].committed = 2
        sale.audit.balances[0].available = 1
        #expect(sale.violations == ["nothing_left_unsold"])
        sale.mustSellOut = false
        #expect(sale.violations.isEmpty)
    }

    @Test mutating func aRefusalThatHidesAnOrderIsFound() {
        sale.books.orders[2] = FairSale.order(3, buyer: 4)
        #expect(sale.violations.contains("refusals_hide_no_order"))
    }

    @Test(arguments: [(500, "internal_error"), (503, "sold_out"), (409, "closed"), (502, "")])
    mutating func anAnswerOutsideTheContractIsFound(status: Int, code: String) {
        sale.log.append(
            BuyerExchange(intention: 3, attempt: 1, door: 0, sentAt: .zero, endedAt: .zero, outcome: .answered(FairSale.refusal(status, code))))
        #expect(sale.violations == ["documented_statuses"])
    }
}
