import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// A rebuild from its beginning to its end, expiry, and what is read of a sale.
@Suite(.timeLimit(.minutes(2))) struct RebuildTests {
    private static func entry(_ user: String, _ quantity: Int = 1, key: String? = nil, isLive: Bool = true) -> RebuildEntry {
        RebuildEntry(
            order: .random(), user: UserID(user)!, sku: SKU("x")!, quantity: quantity, key: key.map { IdempotencyKey($0)! }, isLive: isLive)
    }

    @Test func purchasesAreRefusedUnderAnyEpochUntilTheRebuildEnds() async throws {
        try await withTestSale { test async throws in
            test.sale.epoch = 2
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: [])
            for epoch: Epoch in [1, 2, 3] { #expect(try await test.reserve([.test("ann")], epoch: epoch) == .notLoaded) }
            #expect(try await test.stock.read(test.id) == StockReading(epoch: 2, isProven: false, saleVersion: 0, items: [:]))
            #expect(try await test.stock.endRebuild(of: test.sale) == .done)
            #expect(try await test.reserve([.test("ann")], epoch: 1) == .staleEpoch(current: 2))
            #expect(try await test.verdicts(.test("ann")) == [.granted])
        }
    }

    @Test func whatIsLeftIsLoadedMinusCommitted() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann"), .test("bob"), .test("cid")) == [.granted, .granted, .granted])
            let before = try #require(try await test.item())
            test.sale.epoch = 2
            test.sale.items = [.test("x", units: 10, committed: 2)]
            #expect(try await test.rebuild() == .done)
            let after = try #require(try await test.item())
            #expect(after.available == 8)
            #expect(after.loaded == 10)
            #expect(after.stockVersion > before.stockVersion)
        }
    }

    @Test func theStockVersionGrowsOverARebuildWhateverHappenedBefore() async throws {
        try await withTestSale { test async throws in
            for version: Int64 in 2...20 {
                test.sale.items[0] = .test("x", units: 10 + version, version: version)
                #expect(try await test.stock.sync(test.sale) == .done)
            }
            let before = try #require(try await test.item())
            test.sale.epoch = 2
            #expect(try await test.rebuild() == .done)
            #expect(try #require(try await test.item()).stockVersion > before.stockVersion)
        }
    }

    @Test func buyersAndKeysComeFromTheEntriesAlone() async throws {
        try await withTestSale(items: [.test("x", units: 10, limit: 2)]) { test async throws in
            #expect(try await test.verdicts(.test("old", 2, key: "k")) == [.granted])
            test.sale.epoch = 2
            let live = Self.entry("ann", 2, key: "k")
            let cancelled = Self.entry("bob", 2, key: "k", isLive: false)
            #expect(try await test.rebuild([live, cancelled]) == .done)
            #expect(try await test.verdicts(.test("ann"), .test("ann", 2, key: "k")) == [.limitReached(live.order), .replayed(live.order)])
            #expect(try await test.verdicts(.test("bob", 2, key: "k"), .test("bob", 2)) == [.replayed(cancelled.order), .granted])
            #expect(try await test.verdicts(.test("old", 2, key: "k")) == [.granted])
        }
    }

    @Test func ordersThatAreKeptHoldTheirUnitsTheirKeysAndTheirBuyersLimits() async throws {
        try await withTestSale(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let (ann, bob) = (ReservationRequest.test("ann", 2, key: "k"), ReservationRequest.test("bob"))
            #expect(try await test.verdicts(ann, .test("ann"), bob) == [.granted, .granted, .granted])
            let kept = try await test.stock.heldOrders([ann.order, bob.order, .random()], of: test.id)
            #expect(
                kept.sorted { $0.quantity > $1.quantity } == [
                    HeldOrder(order: ann.order, user: ann.user, sku: ann.sku, quantity: 2, key: ann.key),
                    HeldOrder(order: bob.order, user: bob.user, sku: bob.sku, quantity: 1, key: nil),
                ])
            test.sale.epoch = 2
            test.sale.items[0].committed = 3
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: kept)
            // One that dies here leaves them to the next.
            #expect(try await test.stock.heldOrders(of: test.id) == [ann.sku: [ann.order, bob.order]])
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: try await test.stock.heldOrders([ann.order, bob.order], of: test.id))
            // A page of Postgres that has one of them after all counts it once.
            let found = RebuildEntry(order: bob.order, user: bob.user, sku: bob.sku, quantity: 1, key: nil, isLive: true)
            try await test.stock.rebuild([found], of: test.id, epoch: 2)
            #expect(try await test.stock.endRebuild(of: test.sale) == .done)
            #expect(try await test.entry(of: "ann") == "2 \(ann.order):2")
            #expect(try await test.entry(of: "bob") == "1 \(bob.order):1")
            #expect(try await test.available() == 7)
            #expect(try await test.verdicts(ann, .test("ann", 2)) == [.granted, .limitReached(ann.order)])
            #expect(try await test.verdicts(.test("ann", 2, key: "k")) == [.replayed(ann.order)])
        }
    }

    @Test func whatStandsInThePlaceOfTheBuyersHidesNothingElse() async throws {
        try await withTestSale { test async throws in
            _ = try await test.stock.call([
                "HSET", test.keys.buyers, "x", "1", "x ann", "one", "x bob", "2 nonsense:1 \(OrderID.random())", "y z u", "1",
            ])
            #expect(try await test.stock.heldOrders(of: test.id).isEmpty)
            #expect(try await test.rebuild() == .done)
        }
    }

    @Test func severalOrdersOfOneUserAddUp() async throws {
        try await withTestSale(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let entries = [Self.entry("ann"), Self.entry("ann", 2)]
            #expect(try await test.rebuild(entries) == .done)
            #expect(try await test.entry(of: "ann") == "3 \(entries[0].order):1 \(entries[1].order):2")
        }
    }

    @Test func aPageMayBeAddedTwice() async throws {
        try await withTestSale { test async throws in
            let entries = (0..<1_200).map { Self.entry("u\($0 % 700)", key: "k\($0)") }
            try await test.stock.beginRebuild(of: test.id, epoch: 1, keeping: [])
            try await test.stock.rebuild(entries, of: test.id, epoch: 1)
            let once = try await test.entry(of: "u1")
            try await test.stock.rebuild(entries, of: test.id, epoch: 1)
            #expect(try await test.entry(of: "u1") == once)
            #expect(once?.hasPrefix("2 ") == true)
            #expect(try await test.stock.call(["HLEN", test.keys.buyers]) == .integer(700))
            #expect(try await test.stock.call(["HLEN", test.keys.keys]) == .integer(1_200))
        }
    }

    @Test(arguments: [true, false])
    func ofTwoOrdersUnderOneKeyTheLiveOneIsTheAnswer(liveFirst: Bool) async throws {
        try await withTestSale { test async throws in
            let pair = [Self.entry("ann", key: "k", isLive: liveFirst), Self.entry("ann", key: "k", isLive: !liveFirst)]
            #expect(try await test.rebuild(pair) == .done)
            #expect(try await test.verdicts(.test("ann", key: "k")) == [.replayed(pair[liveFirst ? 0 : 1].order)])
        }
    }

    @Test func theLogOutlivesTheRebuild() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann", key: "k")
            #expect(try await test.verdicts(request) == [.granted])
            test.sale.epoch = 2
            #expect(try await test.rebuild() == .done)
            #expect(try await test.stock.reservation(request.order, of: test.id)?.epoch == 1)
        }
    }

    @Test func aRebuildThatAnotherOneOvertookChangesNothing() async throws {
        try await withTestSale { test async throws in
            let overtaken = test.sale
            try await test.stock.beginRebuild(of: test.id, epoch: 1, keeping: [])
            test.sale.epoch = 2
            try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: [])
            let before = try await test.dump()
            await #expect(throws: StoreError.self) { try await test.stock.rebuild([Self.entry("ann")], of: test.id, epoch: 1) }
            await #expect(throws: StoreError.self) { try await test.stock.beginRebuild(of: test.id, epoch: 1, keeping: []) }
            #expect(try await test.stock.endRebuild(of: overtaken) == .mustRebuild)
            #expect(try await test.dump() == before)
            #expect(try await test.stock.endRebuild(of: test.sale) == .done)
        }
    }

    @Test func aRebuildEndsOnlyOnce() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.granted])
            #expect(try await test.stock.endRebuild(of: test.sale) == .mustRebuild)
            await #expect(throws: StoreError.self) { try await test.stock.rebuild([Self.entry("bob")], of: test.id, epoch: 1) }
            #expect(try await test.available() == 9)
            #expect(try await test.entry(of: "bob") == nil)
        }
    }

    @Test func aStaleProcessDoesNotUndoAFinishedRebuild() async throws {
        try await withTestSale { test async throws in
            test.sale.epoch = 10
            #expect(try await test.rebuild() == .done)
            await #expect(throws: StoreError.self) { try await test.stock.beginRebuild(of: test.id, epoch: 9, keeping: []) }
            #expect(try await test.verdicts(.test("ann")) == [.granted])
        }
    }

    // MARK: Expiry

    @Test func everythingButTheLogExpiresADayAfterTheEnd() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann", key: "k")) == [.granted])
            let end = 3_600_000 + 25 * 3_600_000
            for key in [test.keys.sale, test.keys.stock, test.keys.buyers, test.keys.keys] {
                let left = try #require(try await test.stock.call(["PTTL", key]).number)
                #expect((Int64(end - 60_000)...Int64(end)).contains(left), "\(key)")
            }
            #expect(try await test.stock.call(["PTTL", test.keys.log]) == .integer(-1))
        }
    }

    @Test func aLaterEndKeepsEverythingLonger() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.verdicts(.test("ann", key: "k")) == [.granted])
            test.sale.closesAt = test.sale.closesAt.advanced(milliseconds: 7_200_000)
            test.sale.version = 2
            #expect(try await test.stock.sync(test.sale) == .done)
            for key in [test.keys.sale, test.keys.stock, test.keys.buyers, test.keys.keys] {
                #expect(try #require(try await test.stock.call(["PTTL", key]).number) > 26 * 3_600_000)
            }
        }
    }

    @Test func buyersOfARebuildExpireToo() async throws {
        try await withTestSale { test async throws in
            #expect(try await test.rebuild([Self.entry("ann", key: "k")]) == .done)
            for key in [test.keys.buyers, test.keys.keys] {
                #expect(try #require(try await test.stock.call(["PTTL", key]).number) > 25 * 3_600_000)
            }
        }
    }

    @Test func aSaleThatEndedLongAgoIsStillHeldForAnHour() async throws {
        try await withTestSale(closesIn: -48 * 3_600_000) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.closed])
            for _ in 0..<2 {
                let left = try #require(try await test.stock.call(["PTTL", test.keys.sale]).number)
                #expect((3_540_000...3_601_000).contains(left))
                #expect(try await test.stock.sync(test.sale) == .done)
            }
        }
    }

    // MARK: Reading

    @Test func onlyEntriesUpToTheInstantAreFound() async throws {
        try await withTestSale { test async throws in
            let early = ReservationRequest.test("ann", key: "k")
            guard case .decided(let first, [.granted]) = try await test.reserve([early]) else { throw NeverHappened() }
            try await eventually { try await test.stock.now() > first ? true : nil }
            #expect(try await test.verdicts(.test("bob")) == [.granted])
            let found = try await test.stock.reservations(of: test.id, grantedBefore: first, countMax: 10)
            #expect(found.map(\.order) == [early.order])
            #expect(found.first?.key == early.key)
            let earlier = first.advanced(milliseconds: -1)
            #expect(try await test.stock.reservations(of: test.id, grantedBefore: earlier, countMax: 10).isEmpty)
        }
    }

    @Test func aLargeLogIsReadToItsEndAndNoFurtherThanAsked() async throws {
        try await withTestSale(items: [.test("x", units: 10_000), .test("y", units: 10_000, limit: 2)]) { test async throws in
            for page in 0..<3 {
                let batch = (0..<500).flatMap {
                    [ReservationRequest.test("u\(page)-\($0)"), .test("u\(page)-\($0)", 2, of: "y")]
                }
                #expect(try await test.verdicts(batch).allSatisfy { $0 == .granted })
            }
            let now = try await test.stock.now()
            #expect(try await test.stock.unitsInFlight(of: test.id) == [SKU("x")!: 1_500, SKU("y")!: 3_000])
            #expect(Set(try await test.stock.reservations(of: test.id, grantedBefore: now, countMax: 100_000).map(\.order)).count == 3_000)
            #expect(try await test.stock.reservations(of: test.id, grantedBefore: now, countMax: 7).count == 7)
        }
    }

    @Test func anEntryThatNobodyCanReadHidesNoOther() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            _ = try await test.stock.call(["HSET", test.keys.log, "garbage", "garbage"])
            let now = try await test.stock.now()
            #expect(try await test.stock.reservations(of: test.id, grantedBefore: now, countMax: 10).map(\.order) == [request.order])
        }
    }

    @Test func whatRedisDoesNotHoldIsNothing() async throws {
        try await withTestSale { test async throws in
            let other = SaleID.random()
            #expect(try await test.stock.read(other) == nil)
            #expect(try await test.stock.reservation(.random(), of: test.id) == nil)
            #expect(try await test.stock.unitsInFlight(of: other).isEmpty)
            _ = try await test.stock.call(["DEL", test.keys.stock])
            #expect(try await test.stock.read(test.id) == nil)
        }
    }
}
