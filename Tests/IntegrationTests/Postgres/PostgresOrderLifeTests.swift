import PostgresLedger
import SaleCore
import SaleService
import Testing

/// Cancels, payments and expiry, and what each does to the books.
@Suite(.timeLimit(.minutes(2))) struct PostgresOrderLifeTests {
    private let ann = UserID("ann")!
    private let phone = LedgerUnderTest.phone

    // MARK: Cancelling

    @Test(arguments: [1, 3]) func aCancelledOrderGivesItsUnitsBackEverywhere(limit: Int) async throws {
        try await withLife(stock: 9, limit: limit) { test in
            let order = reservation(1, user: "ann", quantity: limit)
            try await test.commit([order, reservation(2, user: "bob")])
            let outcome = try await test.life.cancel(order.order, by: ann)
            let cancelled = try #require(outcome.order)
            #expect(outcome == .cancelled(cancelled))
            #expect(cancelled.state == .cancelled)
            #expect(cancelled.quantity == limit)
            #expect(try await test.ledger.committed() == [1])
            // Where the limit is 1 an index guards it, and there is no counter to lower.
            #expect(try await test.counted("ann") == 0)
            #expect(try await test.counted("bob") == (limit > 1 ? 1 : 0))
            #expect(try await test.moves() == [test.giveBack(order, number: 1)])
            #expect(try await test.lastMove() == 1)
            #expect(try await test.ledgerLines("release") == ["\(-limit) 0 "])
        }
    }

    @Test func aSecondCancelHearsTheSameAndGivesNothingBack() async throws {
        try await withLife(stock: 9, limit: 3) { test in
            let order = reservation(1, user: "ann", quantity: 2)
            try await test.commit([order, reservation(2, user: "ann")])
            let first = try await test.life.cancel(order.order, by: ann)
            let cancelled = try #require(first.order)
            #expect(first == .cancelled(cancelled))
            #expect(try await test.life.cancel(order.order, by: ann) == .cancelled(cancelled, isNews: false))
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.counted() == 1)
            #expect(try await test.moves().count == 1)
            #expect(try await test.lastMove() == 1)
        }
    }

    @Test func anotherUsersOrderAndOneThatIsNotThereAreUnknownAlike() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1, user: "bob")
            try await test.commit([order])
            #expect(try await test.life.cancel(order.order, by: ann) == .unknownOrder)
            #expect(try await test.life.cancel(reservation(2).order, by: ann) == .unknownOrder)
            #expect(try await test.state(order) == .awaitingPayment)
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.moves() == [])
        }
    }

    @Test func anotherUsersCancelledOrderIsUnknownToo() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1, user: "bob")
            try await test.commit([order])
            _ = try await test.life.cancel(order.order, by: order.user)
            #expect(try await test.life.cancel(order.order, by: ann) == .unknownOrder)
        }
    }

    @Test func aPaidAnExpiredAndARejectedOrderAreNotCancellable() async throws {
        try await withLife(stock: 2) { test in
            let (paid, expired, rejected) = (reservation(1), reservation(2), reservation(3))
            #expect(try await test.ledger.journal().commit([paid, expired, rejected]).committedCount == 2)
            _ = try await test.life.record(test.payment(paid, id: "e1"))
            try await test.letPass(expired)
            #expect(try await test.life.expire(countMax: 9) == 1)
            for (order, state) in [(paid, OrderState.paid), (expired, .expired), (rejected, .rejected)] {
                let outcome = try await test.life.cancel(order.order, by: order.user)
                let found = try #require(outcome.order)
                #expect(outcome == .notCancellable(found))
                #expect(found.state == state)
            }
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.lastMove() == 1)
        }
    }

    @Test func aUserWhoCancelledMayBuyAgainButNotUnderTheSameKey() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1, user: "ann", key: "k")
            try await test.commit([order])
            _ = try await test.life.cancel(order.order, by: ann)
            let journal = test.ledger.journal()
            #expect(try await journal.commit([reservation(2, user: "ann", key: "k")]) == [.rejected(.conflict)])
            #expect(try await journal.commit([reservation(3, user: "ann")]).committedCount == 1)
        }
    }

    @Test func onlyTheItemOfTheOrderMoves() async throws {
        try await withLife(stock: 9, 9) { test in
            let (first, second) = (reservation(1, user: "ann"), reservation(2, user: "ann", sku: LedgerUnderTest.sku(1)))
            try await test.commit([first, second])
            _ = try await test.life.cancel(second.order, by: ann)
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(0)) == [1])
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(1)) == [0])
            #expect(try await test.lastMove(LedgerUnderTest.sku(0)) == 0)
            #expect(try await test.moves() == [test.giveBack(second, number: 1)])
        }
    }

    /// The rest of a user's units stay counted, so that the limit holds afterwards.
    @Test func aLimitAboveOneHoldsAfterACancel() async throws {
        try await withLife(stock: 99, limit: 3) { test in
            let order = reservation(1, user: "ann", quantity: 2)
            try await test.commit([order, reservation(2, user: "ann")])
            _ = try await test.life.cancel(order.order, by: ann)
            let verdicts = try await test.ledger.journal().commit([reservation(3, user: "ann", quantity: 2), reservation(4, user: "ann")])
            #expect(verdicts.committedCount == 1)
            #expect(verdicts[1] == .rejected(.conflict))
            #expect(try await test.counted("ann") == 3)
        }
    }

    // MARK: Expiry

    @Test func whatIsOverdueExpiresAndWhatIsNotStays() async throws {
        try await withLife(stock: 9, limit: 2) { test in
            let (overdue, due) = (reservation(1, user: "ann", quantity: 2), reservation(2, user: "bob"))
            try await test.commit([overdue, due])
            #expect(try await test.life.expire(countMax: 9) == 0)
            try await test.letPass(overdue)
            #expect(try await test.life.expire(countMax: 9) == 1)
            #expect(try await test.life.expire(countMax: 9) == 0)
            #expect(try await test.state(overdue) == .expired)
            #expect(try await test.state(due) == .awaitingPayment)
            #expect(try await test.ledger.committed() == [1])
            #expect(try await test.counted("ann") == 0)
            #expect(try await test.counted("bob") == 1)
            #expect(try await test.moves() == [test.giveBack(overdue, number: 1)])
            #expect(try await test.ledgerLines("release") == ["-2 0 "])
        }
    }

    @Test func aPaidOrACancelledOrderDoesNotExpire() async throws {
        try await withLife(stock: 9) { test in
            let (paid, cancelled) = (reservation(1), reservation(2))
            try await test.commit([paid, cancelled])
            _ = try await test.life.record(test.payment(paid, id: "e1"))
            _ = try await test.life.cancel(cancelled.order, by: cancelled.user)
            try await test.letPass()
            #expect(try await test.life.expire(countMax: 9) == 0)
            #expect(try await test.state(paid) == .paid)
            #expect(try await test.state(cancelled) == .cancelled)
        }
    }

    @Test func aSweepEndsNoMoreThanItMayAndTheLongestDueFirst() async throws {
        try await withLife(stock: 9, 9) { test in
            let orders = (1...5).map { reservation($0, sku: LedgerUnderTest.sku($0 % 2)) }
            try await test.commit(orders)
            try await test.letPass(orders[3], orders[1], orders[4], orders[0], orders[2])
            #expect(try await test.life.expire(countMax: 2) == 2)
            for (order, state) in zip(orders, [OrderState.awaitingPayment, .expired, .awaitingPayment, .expired, .awaitingPayment]) {
                #expect(try await test.state(order) == state)
            }
            #expect(try await test.life.expire(countMax: 2) == 2)
            #expect(try await test.life.expire(countMax: 2) == 1)
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(0)) == [0])
            #expect(try await test.ledger.committed(LedgerUnderTest.sku(1)) == [0])
            #expect(try await test.moves().filter { $0.sku == LedgerUnderTest.sku(0) }.map(\.number) == [1, 2])
            #expect(try await test.moves().filter { $0.sku == LedgerUnderTest.sku(1) }.map(\.number) == [1, 2, 3])
        }
    }

    /// Whoever holds the row is paying, cancelling or expiring it at this moment: waiting for that
    /// one would hold up all the others.
    @Test func anOrderThatSomebodyElseHoldsIsSteppedOver() async throws {
        try await withLife(stock: 9) { test in
            let orders = reservations(1..<4)
            try await test.commit(orders)
            try await test.letPass(orders[1], orders[0], orders[2])
            let holder = PostgresSession(address: test.ledger.address, profile: .catalog)
            try await holder.script("BEGIN; SELECT 1 FROM orders WHERE id = '\(orders[1].order)' FOR UPDATE")
            #expect(try await test.life.expire(countMax: 9) == 2)
            #expect(try await test.state(orders[1]) == .awaitingPayment)
            #expect(try await test.ledger.committed() == [1])
            try await holder.script("ROLLBACK")
            #expect(try await test.life.expire(countMax: 9) == 1)
            #expect(try await test.ledger.committed() == [0])
        }
    }

    /// A service plans its statements once, when no order awaits payment yet, and statistics come
    /// late or never. The sweep once tried to find each order by reading all that await payment,
    /// was cut off after three seconds, and ended none.
    @Test func ordersEndInTimeAlthoughThePlanIsOlderThanAnyOfThem() async throws {
        try await withLife(stock: 100_000) { test in
            try await test.ledger.session.script("ALTER TABLE orders SET (autovacuum_enabled = false)")
            let life = PostgresOrderLife(address: test.ledger.address, sessionCount: 1)
            #expect(try await life.expire(countMax: 500) == 0)
            for batch in 0..<50 { try await test.commit(reservations(batch * 1_000..<(batch + 1) * 1_000)) }
            try await test.letPass()
            #expect(try await life.expire(countMax: 500) == 500)
            #expect(try await test.ledger.committed() == [49_500])
        }
    }

    // MARK: Moves

    @Test func movesAreNumberedPerItemInTheOrderOfTheirTransitions() async throws {
        try await withLife(stock: 9, 9) { test in
            let orders = (1...6).map { reservation($0, sku: LedgerUnderTest.sku($0 % 2)) }
            try await test.commit(orders)
            for order in orders.reversed() { _ = try await test.life.cancel(order.order, by: order.user) }
            let moves = try await test.moves()
            for item in 0...1 {
                let sku = LedgerUnderTest.sku(item)
                let ended = orders.reversed().filter { $0.sku == sku }
                #expect(moves.filter { $0.sku == sku } == ended.enumerated().map { test.giveBack($0.element, number: Int64($0.offset) + 1) })
            }
        }
    }

    @Test func pendingMovesLeaveSalesOutAndComeNoMoreThanAskedFor() async throws {
        try await withLife(stock: 9, 9) { test in
            let orders = (1...6).map { reservation($0, sku: LedgerUnderTest.sku($0 % 2)) }
            try await test.commit(orders)
            for order in orders { _ = try await test.life.cancel(order.order, by: order.user) }
            let all = try await test.moves()
            #expect(all.count == 6)
            #expect(try await test.moves(countMax: 4) == Array(all.prefix(4)))
            #expect(try await test.moves(besides: [SaleID("other")!]) == all)
            #expect(try await test.moves(besides: [SaleID("other")!, LedgerUnderTest.sale]) == [])
        }
    }

    /// While one node tells Redis of moves, the others are handed those of other items, and none of
    /// the same.
    @Test func nodesShareTheMovesAndNoneIsHandedTwice() async throws {
        try await withLife(stock: 9, 9) { test in
            let orders = (1...6).map { reservation($0, sku: LedgerUnderTest.sku($0 % 2)) }
            try await test.commit(orders)
            for order in orders { _ = try await test.life.cancel(order.order, by: order.user) }
            let all = try await test.moves()
            @Sendable func known(_ moves: [StockMove]) -> [KnownMoves] { [KnownMoves(moves, of: LedgerUnderTest.sale, epoch: 0)] }
            // Two of the first item's three moves are taken, so that its third has to wait.
            let first = try await test.life.tell(movesBesides: [], countMax: 2) { mine in
                #expect(mine == Array(all.prefix(2)))
                let second = try await test.life.tell(movesBesides: [], countMax: 9) { others in
                    #expect(others == Array(all.suffix(3)))
                    return known(others)
                }
                #expect(second == MoveTurn(handed: 3, forgotten: 3))
                let third = try await test.life.tell(movesBesides: [], countMax: 9) { _ in
                    Issue.record("what is left is another node's")
                    return []
                }
                #expect(third == MoveTurn())
                return known(mine)
            }
            #expect(first == MoveTurn(handed: 2, forgotten: 2))
            #expect(try await test.moves() == [all[2]])
        }
    }

    @Test func aTurnThatFailsForgetsNothingAndLetsGo() async throws {
        try await withLife(stock: 9) { test in
            try await test.commit([reservation(1)])
            _ = try await test.life.cancel(reservation(1).order, by: reservation(1).user)
            let all = try await test.moves()
            await #expect(throws: StoreError.scriptMissing) {
                try await test.life.tell(movesBesides: [], countMax: 9) { _ in throw StoreError.scriptMissing }
            }
            let turn = try await test.life.tell(movesBesides: [], countMax: 9) { [KnownMoves($0, of: LedgerUnderTest.sale, epoch: 0)] }
            #expect(turn == MoveTurn(handed: all.count, forgotten: all.count))
        }
    }

    @Test func onlyWhatIsForgottenIsGoneAndNoNumberComesTwice() async throws {
        try await withLife(stock: 9) { test in
            let orders = reservations(1..<5)
            try await test.commit(orders)
            for order in orders.prefix(3) { _ = try await test.life.cancel(order.order, by: order.user) }
            let moves = try await test.moves()
            #expect(try await test.life.forget([], of: LedgerUnderTest.sale, epoch: 0) == 0)
            #expect(try await test.life.forget([moves[0], moves[2]], of: LedgerUnderTest.sale, epoch: 0) == 2)
            #expect(try await test.moves() == [moves[1]])
            // Told to a Redis that is not the sale's any more: the present one must still hear of
            // it.
            #expect(try await test.life.forget(moves, of: LedgerUnderTest.sale, epoch: 1) == 0)
            #expect(try await test.moves() == [moves[1]])
            #expect(try await test.life.forget(moves, of: LedgerUnderTest.sale, epoch: 0) == 1)
            #expect(try await test.life.forget(moves, of: LedgerUnderTest.sale, epoch: 0) == 0)
            #expect(try await test.moves() == [])
            _ = try await test.life.cancel(orders[3].order, by: orders[3].user)
            #expect(try await test.moves() == [test.giveBack(orders[3], number: 4)])
        }
    }

    @Test func aMoveBearsTheEpochOfItsTransition() async throws {
        try await withLife(stock: 9) { test in
            let order = reservation(1)
            try await test.commit([order])
            for _ in 1...3 { _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale) }
            _ = try await test.life.cancel(order.order, by: order.user)
            #expect(try await test.moves() == [test.giveBack(order, number: 1, epoch: 3)])
        }
    }

    // MARK: Late orders

    /// Granted in an epoch that ended before the commit: no number of Redis counts its units, so
    /// that Redis is told to charge them.
    @Test(arguments: [1, 3]) func aLateOrderIsChargedByANumberedMove(limit: Int) async throws {
        try await withLife(stock: 9, limit: limit) { test in
            for _ in 1...2 { _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale) }
            let late = reservation(1, user: "ann", quantity: limit, key: "k")
            var present = reservation(2, user: "bob")
            present.epoch = 2
            try await test.commit([present, late])
            let charge = StockMove(
                sale: late.sale, sku: phone, number: 1, kind: .charge, order: late.order, user: ann, quantity: limit,
                key: IdempotencyKey("k"), epoch: 2)
            #expect(try await test.moves() == [charge])
            #expect(try await test.lastMove() == 1)
            #expect(try await test.ledger.committed() == [Int64(limit) + 1])
            // The same batch again, as after a lost answer, charges nothing more.
            try await test.commit([present, late])
            #expect(try await test.moves() == [charge])
            _ = try await test.life.cancel(late.order, by: ann)
            #expect(try await test.moves() == [charge, test.giveBack(late, number: 2, epoch: 2)])
            #expect(try await test.ledger.committed() == [1])
        }
    }

    /// The serialized path of a batch that does not fit writes the same moves, and none for what it
    /// rejects.
    @Test func ofALateBatchThatDoesNotFitOnlyWhatIsCommittedIsCharged() async throws {
        try await withLife(stock: 2) { test in
            for _ in 1...2 { _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale) }
            let orders = reservations(1..<5)
            #expect(try await test.ledger.journal().commit(orders).committedCount == 2)
            let moves = try await test.moves()
            #expect(moves.map(\.order) == orders.prefix(2).map(\.order))
            #expect(moves.map(\.number) == [1, 2])
            #expect(moves.allSatisfy { $0.kind == .charge && $0.epoch == 2 && $0.key == nil })
        }
    }

    @Test func anOrderOfThePresentEpochIsNotCharged() async throws {
        try await withLife(stock: 9) { test in
            _ = try await test.ledger.catalog.beginEpoch(of: LedgerUnderTest.sale)
            try await test.commit(reservations(1..<4))
            #expect(try await test.moves() == [])
            #expect(try await test.lastMove() == 0)
        }
    }
}
