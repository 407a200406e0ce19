import PrivateServers
import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// The record of changes on a real Redis: `changes.lua`, and how it is read.
@Suite(.timeLimit(.minutes(2))) struct ChangeRecordTests {
    private static let (x, y) = (SKU("x")!, SKU("y")!)

    /// What `body` put on record for the sale; `nil` for nothing.
    private static func recorded(_ test: TestSale, _ body: () async throws -> Void) async throws -> Set<SKU>?? {
        let before = try await test.stock.changes(since: nil)
        try await body()
        let after = try await test.stock.changes(since: before.position)
        #expect(after.isComplete)
        return after.items[test.id]
    }

    private static func withTwoItems(_ body: (inout TestSale) async throws -> Void) async throws {
        try await withTestSale(items: [.test("x", units: 2, limit: 2), .test("y", units: 2)], body)
    }

    @Test func aGrantPutsItsItemsOnRecordAndARefusalNothing() async throws {
        try await Self.withTwoItems { test async throws in
            let granted = try await Self.recorded(test) { () async throws in
                #expect(try await test.verdicts(.test("ann"), .test("ann", of: "y"), .test("bob")) == [.granted, .granted, .granted])
            }
            #expect(granted == .some([Self.x, Self.y]))
            let refused = try await Self.recorded(test) { () async throws in #expect(try await test.verdicts(.test("cid")) == [.soldOut(left: 0)]) }
            #expect(refused == nil)
        }
    }

    @Test func aUsualBatchPutsItsItemOnRecordAndARefusedOneNothing() async throws {
        try await Self.withTwoItems { test async throws in
            let granted = try await Self.recorded(test) { () async throws in
                #expect(try await test.verdicts(.test("ann"), .test("bob"), .test("cid")) == [.granted, .granted, .soldOut(left: 0)])
            }
            #expect(granted == .some([Self.x]))
            let refused = try await Self.recorded(test) { () async throws in #expect(try await test.verdicts(.test("dee")) == [.soldOut(left: 0)]) }
            #expect(refused == nil)
        }
    }

    @Test func aBatchThatIsSentAgainPutsNothingOnRecord() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            let record1 = try await Self.recorded(test) { () async throws in #expect(try await test.verdicts(request) == [.granted]) }
            #expect(record1 == nil)
        }
    }

    @Test func whatComesBackIsOnRecord() async throws {
        try await Self.withTwoItems { test async throws in
            let request = ReservationRequest.test("ann", of: "y")
            _ = try await test.verdicts(request)
            let released = try await Self.recorded(test) { () async throws in
                try await test.stock.settle(
                    Settlement(sale: test.id, released: [Settlement.Released(order: request.order, user: request.user, sku: Self.y)]))
            }
            #expect(released == .some([Self.y]))
            let moved = try await Self.recorded(test) { () async throws in
                let move = StockMove(
                    sale: test.id, sku: Self.x, number: 1, kind: .charge, order: .random(), user: UserID("bob")!, quantity: 1, key: nil, epoch: 1)
                #expect(try await test.stock.move([move], of: test.id, epoch: 1) == [move])
            }
            #expect(moved == .some([Self.x]))
        }
    }

    @Test func aCommitThatOnlyEmptiesTheLogIsNotOnRecord() async throws {
        try await withTestSale { test async throws in
            let request = ReservationRequest.test("ann")
            _ = try await test.verdicts(request)
            #expect(try await test.stock.read(test.id)?.logCount == 1)
            let settled = try await Self.recorded(test) { () async throws in
                try await test.stock.settle(Settlement(sale: test.id, committed: [request.order]))
            }
            #expect(settled == nil)
            #expect(try await test.stock.read(test.id)?.logCount == 0)
            #expect(try await test.stock.logCount(of: test.id) == 0)
        }
    }

    @Test func heldUnitsAreOnRecordAndUnitsThatAreNotThereAreNot() async throws {
        try await Self.withTwoItems { test async throws in
            let held = try await Self.recorded(test) { () async throws in
                #expect(try await test.stock.hold(1, of: Self.y, in: test.id, epoch: 1) == .held)
            }
            #expect(held == .some([Self.y]))
            let refused = try await Self.recorded(test) { () async throws in
                #expect(try await test.stock.hold(9, of: Self.y, in: test.id, epoch: 1) == .tooFew(available: 1))
            }
            #expect(refused == nil)
        }
    }

    @Test func aChangeOfTheSaleAndEachEndOfARebuildPutAllOfItOnRecord() async throws {
        try await Self.withTwoItems { test async throws in
            let sale: Set<SKU>?? = .some(nil)
            let record2 = try await Self.recorded(test) { () async throws in _ = try await test.stock.sync(test.sale) }
            #expect(record2 == sale)
            let record3 = try await Self.recorded(test) { () async throws in try await test.stock.beginRebuild(of: test.id, epoch: 2, keeping: []) }
            #expect(record3 == sale)
            test.sale.epoch = 2
            let record4 = try await Self.recorded(test) { () async throws in #expect(try await test.stock.endRebuild(of: test.sale) == .done) }
            #expect(record4 == sale)
            let record5 = try await Self.recorded(test) { () async throws in #expect(try await test.stock.endRebuild(of: test.sale) == .mustRebuild) }
            #expect(record5 == nil)
        }
    }

    @Test func oneLookMissesNothingThatTheOneBeforeDidNotSee() async throws {
        try await withTestSale(items: [.test("x", units: 50, limit: 50)]) { test async throws in
            var position = try await test.stock.changes(since: nil).position
            for _ in 0..<5 {
                _ = try await test.verdicts(.test("ann"))
                let changes = try await test.stock.changes(since: position)
                #expect(changes.isComplete)
                #expect(changes.items[test.id] == .some([Self.x]))
                position = changes.position
            }
            #expect(try await test.stock.changes(since: position).items[test.id] == nil)
        }
    }

    // MARK: A record that is lost

    private static func withOwnSale(_ body: (inout TestSale, PrivateRedis) async throws -> Void) async throws {
        try await withOwnRedis { redis, _ in
            try await withTestSale(on: redis.url) { test async throws in try await body(&test, redis) }
        }
    }

    @Test(arguments: ["FLUSHALL", "DEL seckill:changes", "ZREM seckill:changes #", "ZADD seckill:changes 0 #"])
    func aRecordThatWasLostOrCutShortIsNoticed(command: String) async throws {
        try await Self.withOwnSale { test, _ in
            _ = try await test.verdicts(.test("ann"))
            let before = try await test.stock.changes(since: nil)
            let position = try #require(before.position)
            _ = try await test.stock.call(command.split(separator: " ").map(String.init))
            #expect(try await test.stock.changes(since: position).isComplete == false)
            // It begins anew, and soon counts as far as the lost one did.
            for _ in 0..<4 { _ = try await test.rebuild() }
            let after = try await test.stock.changes(since: position)
            #expect(!after.isComplete)
        }
    }

    @Test func aKeyOfAnotherTypeInItsPlaceIsThrownAwayAndNothingIsGrantedUntilThen() async throws {
        try await Self.withOwnSale { test, _ in
            _ = try await test.stock.call(["SET", SaleKeys.changes, "nonsense"])
            let before = try await test.dump()
            await #expect(throws: StoreError.self) { try await test.reserve([.test("ann")]) }
            #expect(try await test.dump() == before)
            #expect(try await test.stock.changes(since: nil) == StockChanges(position: nil, isComplete: false, items: [:]))
            #expect(try await test.verdicts(.test("ann")) == [.granted])
            #expect(try await test.stock.changes(since: nil).items == [test.id: [Self.x]])
        }
    }

    @Test func aForgottenSaleLeavesTheRecordAndTheOthersStay() async throws {
        try await Self.withTwoItems { test async throws in
            _ = try await test.verdicts(.test("ann"), .test("ann", of: "y"))
            try await test.stock.forgetChanges(of: test.id, [Self.x, Self.y])
            let changes = try await test.stock.changes(since: nil)
            #expect(changes.items[test.id] == nil)
            #expect(changes.position != nil)
        }
    }

    // MARK: read.lua

    @Test func onlyTheItemsThatAreAskedForAreRead() async throws {
        try await Self.withTwoItems { test async throws in
            let answers = await test.stock.read([
                StockQuestion(sale: test.id, skus: [Self.y]), StockQuestion(sale: test.id), StockQuestion(sale: .random(), skus: [Self.x]),
                StockQuestion(sale: test.id, skus: [SKU("unknown")!]),
            ])
            #expect(try answers[0].get()?.items.keys.map { $0 } == [Self.y])
            #expect(try answers[0].get()?.items[Self.y]?.available == 2)
            #expect(try answers[1].get()?.items.count == 2)
            #expect(try answers[2].get() == nil)
            #expect(try answers[3].get()?.items.isEmpty == true)
        }
    }

    @Test func aSaleWhoseStockIsGoneIsNotHeldWhicheverItemIsAskedFor() async throws {
        try await withTestSale { test async throws in
            _ = try await test.stock.call(["DEL", test.keys.stock])
            let answers = await test.stock.read([StockQuestion(sale: test.id, skus: [Self.x]), StockQuestion(sale: test.id)])
            #expect(answers == [.success(nil), .success(nil)])
        }
    }

    @Test func manySalesAreReadAlthoughRedisForgotTheScriptAndOneIsBroken() async throws {
        try await Self.withOwnSale { test, _ in
            let broken = SaleID.random()
            _ = try await test.stock.call(["SET", SaleKeys(broken).sale, "nonsense"])
            _ = try await test.stock.call(["SCRIPT", "FLUSH"])
            let answers = await test.stock.read(
                (0..<1_000).map { StockQuestion(sale: $0 == 500 ? broken : $0 == 999 ? test.id : .random()) })
            #expect(answers.count == 1_000)
            #expect(try answers[999].get()?.items[Self.x]?.available == 10)
            guard case .failure(.refused(let reason)) = answers[500] else {
                Issue.record("\(answers[500])")
                return
            }
            #expect(reason.contains("WRONGTYPE"))
            #expect(answers.count { $0 == .success(nil) } == 998)
        }
    }
}
