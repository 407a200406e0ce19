import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// Units that moved in Postgres alone.
@Suite(.timeLimit(.minutes(2))) struct MoveScriptTests {
    private func move(
        _ test: TestSale, _ number: Int64, _ kind: StockMove.Kind, _ request: ReservationRequest, epoch: Epoch? = nil
    ) -> StockMove {
        StockMove(
            sale: test.id, sku: request.sku, number: number, kind: kind, order: request.order, user: request.user, quantity: request.quantity,
            key: kind == .charge ? request.key : nil, epoch: epoch ?? test.sale.epoch)
    }

    @Test func unitsThatCameBackAreOnSaleAgainAndTheUsersSlotIsFree() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann", key: "k")
            #expect(try await test.verdicts(request) == [.granted])
            let before = try #require(try await test.item())
            let moves = [move(test, 1, .giveBack, request)]
            for _ in 0..<3 { #expect(try await test.stock.move(moves, of: test.id, epoch: 1) == moves) }
            let after = try #require(try await test.item())
            #expect(after.available == 10 && after.lastMove == 1)
            #expect(after.stockVersion > before.stockVersion)
            // The key stays: its order is the answer, cancelled or not.
            #expect(try await test.verdicts(.test("ann", key: "k"), .test("ann")) == [.replayed(request.order), .granted])
        }
    }

    /// It was committed by a sweep and cancelled before its own node heard that it was granted: the
    /// log has it, its buyer's entry does not.
    @Test func anEndedOrderThatIsAskedForOnceMoreTakesAUnitUntilItsSettlement() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            _ = try await test.stock.move([move(test, 1, .giveBack, request)], of: test.id, epoch: 1)
            #expect(try await test.available() == 10)
            #expect(try await test.verdicts(request) == [.granted])
            #expect(try await test.available() == 9)
            try await test.stock.settle(Settlement(sale: test.id, released: [.init(order: request.order, user: request.user, sku: request.sku)]))
            #expect(try await test.available() == 10)
            #expect(try await test.logCount() == 0)
        }
    }

    @Test func aLateOrderIsChargedOnceAndKnownByItsKey() async throws {
        try await withTestSale { test async throws in
            let late = ReservationRequest.test("ann", key: "k")
            let moves = [move(test, 1, .charge, late)]
            for _ in 0..<2 { #expect(try await test.stock.move(moves, of: test.id, epoch: 1) == moves) }
            #expect(try await test.available() == 9)
            #expect(
                try await test.verdicts(.test("ann", key: "k"), .test("ann"), late) == [.replayed(late.order), .limitReached(late.order), .granted])
        }
    }

    @Test func anOrderThatRedisCountsAlreadyIsNotChargedAgain() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            _ = try await test.stock.move([move(test, 1, .charge, request)], of: test.id, epoch: 1)
            #expect(try await test.available() == 9)
        }
    }

    /// The unit was granted again: Postgres rejects one of the two orders, and its settlement
    /// brings the number back.
    @Test func aChargeMayGoBelowZeroAndTheRejectedOrderEvensItOut() async throws {
        try await withTestSale(items: [.test("x", units: 1)]) { test async throws in
            let (late, second) = (ReservationRequest.test("ann"), ReservationRequest.test("bob"))
            #expect(try await test.verdicts(second) == [.granted])
            _ = try await test.stock.move([move(test, 1, .charge, late)], of: test.id, epoch: 1)
            #expect(try await test.available() == -1)
            #expect(try await test.verdicts(.test("cat")) == [.soldOut(left: 0)])
            try await test.stock.settle(Settlement(sale: test.id, released: [.init(order: second.order, user: second.user, sku: second.sku)]))
            #expect(try await test.available() == 0)
        }
    }

    @Test func aMoveThatArrivesAfterItsSuccessorChangesNothing() async throws {
        try await withTestSale { test async throws in
            let late = ReservationRequest.test("ann")
            let moves = [move(test, 1, .charge, late), move(test, 2, .giveBack, late)]
            #expect(try await test.stock.move(moves, of: test.id, epoch: 1) == moves)
            #expect(try await test.stock.move([moves[0]], of: test.id, epoch: 1) == [moves[0]])
            #expect(try await test.available() == 10)
            #expect(try await test.entry(of: "ann") == nil)
        }
    }

    @Test func aMoveWhoseForerunnerIsMissingWaits() async throws {
        try await withTestSale(items: [.test("x", units: 10), .test("y", units: 10)]) { test async throws in
            let (early, other) = (ReservationRequest.test("ann"), ReservationRequest.test("bob", of: "y"))
            #expect(try await test.verdicts(early, other) == [.granted, .granted])
            let ahead = move(test, 2, .giveBack, early)
            let fine = move(test, 1, .giveBack, other)
            #expect(try await test.stock.move([ahead, fine], of: test.id, epoch: 1) == [fine])
            #expect(try await test.available() == 9)
            #expect(try await test.available("y") == 10)
        }
    }

    @Test func movesWaitWhileTheSaleIsRebuiltOrInAnotherEpoch() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            let moves = [move(test, 1, .giveBack, request)]
            #expect(try await test.stock.move(moves, of: test.id, epoch: 2).isEmpty)
            #expect(try await test.stock.move(moves, of: .random(), epoch: 1).isEmpty)
            // Whatever stock is there then is not to be trusted.
            _ = try await test.stock.call(["HSET", test.keys.sale, "status", "rebuilding"])
            #expect(try await test.stock.move(moves, of: test.id, epoch: 1).isEmpty)
            #expect(try await test.available() == 9)
            test.sale.epoch = 2
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: [])
            #expect(try await test.stock.move(moves, of: test.id, epoch: 2).isEmpty)
            #expect(try await test.stock.call(["EXISTS", test.keys.stock]) == .integer(0))
        }
    }

    @Test func aRebuildKnowsTheMovesThatItsSnapshotHolds() async throws {
        try await withTestSale { test async throws in
            let (gone, live) = (ReservationRequest.test("ann"), ReservationRequest.test("bob"))
            test.sale.epoch = 2
            test.sale.items = [.test("x", units: 10, committed: 1)]
            test.sale.items[0].lastMove = 7
            #expect(
                try await test.rebuild([RebuildEntry(order: live.order, user: live.user, sku: live.sku, quantity: 1, key: nil, isLive: true)])
                    == .done)
            let moves = [move(test, 7, .giveBack, gone), move(test, 8, .giveBack, live)]
            #expect(try await test.stock.move([moves[0]], of: test.id, epoch: 2) == [moves[0]])
            #expect(try await test.available() == 9)
            #expect(try await test.stock.move(moves, of: test.id, epoch: 2) == moves)
            #expect(try await test.available() == 10)
        }
    }

    @Test func aMoveOfAnItemThatRedisDoesNotKnowWaits() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann", of: "new")
            #expect(try await test.stock.move([move(test, 1, .giveBack, request)], of: test.id, epoch: 1).isEmpty)
        }
    }

    @Test func manyMovesAreSplit() async throws {
        try await withTestSale(items: [.test("x", units: 2_000)]) { test async throws in
            let moves = (1...1_200).map { move(test, Int64($0), .charge, .test("u\($0)")) }
            #expect(try await test.stock.move(moves, of: test.id, epoch: 1).count == 1_200)
            #expect(try await test.available() == 800)
        }
    }
}
