import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// `sync.lua`, `hold.lua` and `settle.lua` on a real Redis.
@Suite(.timeLimit(.minutes(2))) struct StockScriptTests {
    // MARK: sync

    @Test func addedUnitsAreAddedToWhatIsLeft() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann"), .test("bob")) == [.granted, .granted])
            let before = try #require(try await test.item())
            test.sale.items[0] = .test("x", units: 15, limit: 2, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            let after = try #require(try await test.item())
            #expect(after.available == 13)
            #expect(after.loaded == 15)
            #expect(after.stockVersion > before.stockVersion)
            #expect(try await test.verdicts(.test("ann")) == [.granted])
        }
    }

    @Test func syncingAgainChangesNothing() async throws {
        try await withTestSale { test async throws in
            test.sale.items[0] = .test("x", units: 15, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            let first = try await test.dump()
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.dump() == first)
        }
    }

    @Test func removedUnitsAreTakenAndTheStockVersionStays() async throws {
        try await withTestSale { test async throws in
            let before = try #require(try await test.item())
            test.sale.items[0] = .test("x", units: 4, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.item() == StockReading.Item(available: 4, loaded: 4, stockVersion: before.stockVersion))
        }
    }

    /// A debt is paid from later additions before anything is sold.
    @Test func unitsRemovedBelowWhatIsGrantedAreNeverSoldTwice() async throws {
        try await withTestSale(items: [.test("x", units: 2)]) { test async throws in
            #expect(try await test.verdicts(.test("ann"), .test("bob")) == [.granted, .granted])
            test.sale.items[0] = .test("x", units: 1, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.verdicts(.test("cid")) == [.soldOut(left: 0)])
            test.sale.items[0] = .test("x", units: 2, version: 3)
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.verdicts(.test("cid")) == [.soldOut(left: 0)])
        }
    }

    @Test func anOlderItemIsIgnored() async throws {
        try await withTestSale { test async throws in
            let older = test.sale
            test.sale.items[0] = .test("x", units: 15, limit: 3, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            let newer = try await test.dump()
            #expect(try await test.stock.sync(older) == .done)
            #expect(try await test.dump() == newer)
        }
    }

    @Test func anOlderSaleIsIgnored() async throws {
        try await withTestSale { test async throws in
            let older = test.sale
            test.sale.status = .paused
            test.sale.version = 2
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.stock.sync(older) == .done)
            #expect(try await test.verdicts(.test("ann")) == [.paused])
            #expect(try await test.stock.read(test.id)?.saleVersion == 2)
        }
    }

    @Test func theOrderOfTwoSyncsDoesNotMatter() async throws {
        try await withTestSale { test async throws in
            var first = test.sale
            first.items[0] = .test("x", units: 12, version: 2)
            var second = test.sale
            second.items[0] = .test("x", units: 11, version: 3)
            for sale in [second, first, second] { #expect(try await test.stock.sync(sale) == .done) }
            #expect(try await test.available() == 11)
        }
    }

    @Test func aNewItemStartsWithAllItsUnits() async throws {
        try await withTestSale { test async throws in
            test.sale.items.append(.test("y", units: 5))
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.available("y") == 5)
            #expect(try await test.verdicts(.test("ann", of: "y")) == [.granted])
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.available("y") == 4)
        }
    }

    @Test func aSaleThatRedisDoesNotHoldMustBeRebuilt() async throws {
        try await withTestSale { test async throws in
            var other = test.sale
            other.epoch = 2
            #expect(try await test.stock.sync(other) == .mustRebuild)
            _ = try await test.stock.call(["DEL", test.keys.stock])
            #expect(try await test.stock.sync(test.sale) == .mustRebuild)
            _ = try await test.stock.call(["DEL", test.keys.sale])
            #expect(try await test.stock.sync(test.sale) == .mustRebuild)
            #expect(try await test.stock.read(test.id) == nil)
        }
    }

    // MARK: hold

    @Test func heldUnitsAreOffSaleAndALoweredSyncMovesNothingMore() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.stock.hold(4, of: SKU("x")!, in: test.id, epoch: 1) == .held)
            #expect(try await test.available() == 6)
            test.sale.items[0] = .test("x", units: 6, version: 2)
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.item()?.loaded == 6)
            #expect(try await test.available() == 6)
        }
    }

    @Test func aSyncWithTheOldNumberPutsHeldUnitsBack() async throws {
        try await withTestSale { test async throws in
            let before = try #require(try await test.item())
            #expect(try await test.stock.hold(4, of: SKU("x")!, in: test.id, epoch: 1) == .held)
            #expect(try await test.stock.sync(test.sale) == .done)
            let after = try #require(try await test.item())
            #expect(after.available == 10)
            #expect(after.stockVersion > before.stockVersion)
        }
    }

    @Test func onlyUnitsThatAreNotGrantedCanBeHeld() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.granted])
            #expect(try await test.stock.hold(10, of: SKU("x")!, in: test.id, epoch: 1) == .tooFew(available: 9))
            #expect(try await test.available() == 9)
            #expect(try await test.stock.hold(9, of: SKU("x")!, in: test.id, epoch: 1) == .held)
            #expect(try await test.available() == 0)
        }
    }

    @Test func aHoldOnASaleThatRedisDoesNotHoldChangesNothing() async throws {
        try await withTestSale { test async throws in
            let before = try await test.dump()
            #expect(try await test.stock.hold(1, of: SKU("x")!, in: test.id, epoch: 2) == .mustRebuild)
            #expect(try await test.stock.hold(1, of: SKU("y")!, in: test.id, epoch: 1) == .mustRebuild)
            #expect(try await test.dump() == before)
            #expect(try await test.stock.hold(1, of: SKU("x")!, in: .random(), epoch: 1) == .mustRebuild)
        }
    }

    @Test(arguments: [0, -1])
    func aHoldOfNothingIsRefused(units: Int64) async throws {
        try await withTestSale { test async throws in
            await #expect(throws: StoreError.self) { try await test.stock.hold(units, of: SKU("x")!, in: test.id, epoch: 1) }
            #expect(try await test.available() == 10)
        }
    }

    // MARK: settle

    @Test func aCommittedOrderLeavesTheLogAndKeepsItsUnits() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            let settlement = Settlement(sale: test.id, committed: [request.order])
            for _ in 0..<2 { try await test.stock.settle(settlement) }
            #expect(try await test.stock.reservation(request.order, of: test.id) == nil)
            #expect(try await test.available() == 9)
            #expect(try await test.verdicts(.test("ann"), request) == [.limitReached(request.order), .granted])
        }
    }

    @Test(arguments: 0..<3)
    func aReleasedOrderFreesTheUsersSlotAndItsUnits(released: Int) async throws {
        try await withTestSale(items: [.test("x", units: 100, limit: 6)]) { test async throws in
            let orders = (1...3).map { ReservationRequest.test("ann", $0, key: "k\($0)") }
            #expect(try await test.verdicts(orders) == [.granted, .granted, .granted])
            let order = orders[released]
            let settlement = Settlement(sale: test.id, released: [.init(order: order.order, user: order.user, sku: order.sku)])
            for _ in 0..<2 { try await test.stock.settle(settlement) }
            let left = orders.filter { $0.order != order.order }
            #expect(
                try await test.entry(of: "ann")
                    == "\(left.reduce(0) { $0 + $1.quantity })" + left.map { " \($0.order):\($0.quantity)" }.joined())
            #expect(try await test.available() == 94 + Int64(order.quantity))
            #expect(try await test.stock.unitsInFlight(of: test.id) == [SKU("x")!: Int64(left.reduce(0) { $0 + $1.quantity })])
            #expect(try await test.verdicts(.test("ann", order.quantity, key: "k\(order.quantity)")) == [.replayed(order.order)])
            #expect(try await test.verdicts(.test("ann", order.quantity)) == [.granted])
        }
    }

    @Test func theLastReleasedOrderLeavesNoEntry() async throws {
        try await withTestSale { test async throws in
            let order = ReservationRequest.test("ann")
            #expect(try await test.verdicts(order) == [.granted])
            try await test.stock.settle(Settlement(sale: test.id, released: [.init(order: order.order, user: order.user, sku: order.sku)]))
            #expect(try await test.entry(of: "ann") == nil)
            #expect(try await test.available() == 10)
        }
    }

    @Test func aFreedKeyServesTheNextAttemptAndOneThatBelongsToAnotherOrderStays() async throws {
        try await withTestSale(items: [.test("x", units: 10, limit: 5)]) { test async throws in
            let (first, second) = (ReservationRequest.test("ann", key: "k"), ReservationRequest.test("ann", key: "other"))
            #expect(try await test.verdicts(first, second) == [.granted, .granted])
            let key = IdempotencyKey("k")!
            try await test.stock.settle(
                Settlement(
                    sale: test.id,
                    released: [
                        .init(order: second.order, user: second.user, sku: second.sku, freedKey: key),
                        .init(order: first.order, user: first.user, sku: first.sku, freedKey: key),
                    ]))
            #expect(try await test.verdicts(.test("ann", key: "k"), .test("ann", key: "other")) == [.granted, .replayed(second.order)])
        }
    }

    @Test func whileTheSaleIsRebuiltASettlementOnlyEmptiesTheLog() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            test.sale.epoch = 2
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: [])
            try await test.stock.rebuild(
                [RebuildEntry(order: request.order, user: request.user, sku: request.sku, quantity: 1, key: nil, isLive: true)], of: test.id, epoch: 2
            )
            try await test.stock.settle(Settlement(sale: test.id, released: [.init(order: request.order, user: request.user, sku: request.sku)]))
            #expect(try await test.logCount() == 0)
            #expect(try await test.entry(of: "ann") == "1 \(request.order):1")
            #expect(try await test.stock.call(["EXISTS", test.keys.stock]) == .integer(0))
        }
    }

    @Test func aSettlementOfManyOrdersIsSplit() async throws {
        try await withTestSale(items: [.test("x", units: 5_000)]) { test async throws in
            var orders: [ReservationRequest] = []
            for page in 0..<3 {
                let batch = (0..<900).map { ReservationRequest.test("u\(page)-\($0)") }
                #expect(try await test.verdicts(batch).allSatisfy { $0 == .granted })
                orders += batch
            }
            try await test.stock.settle(
                Settlement(
                    sale: test.id, committed: orders.dropFirst(1_200).map(\.order),
                    released: orders.prefix(1_200).map { .init(order: $0.order, user: $0.user, sku: $0.sku) }))
            #expect(try await test.logCount() == 0)
            #expect(try await test.stock.call(["HLEN", test.keys.buyers]) == .integer(1_500))
        }
    }
}
