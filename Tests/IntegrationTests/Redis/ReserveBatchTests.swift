import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// `reserve_item.lua` and `reserve.lua`, what concerns a batch as a whole.
@Suite(.timeLimit(.minutes(2))) struct ReserveBatchTests {
    @Test func theSameUserTwiceInOneBatchMeetsTheLimit() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 2)]) { test async throws in
            let orders = (0..<3).map { _ in ReservationRequest.test("ann") }
            #expect(try await test.verdicts(orders) == [.granted, .granted, .limitReached(orders[1].order)])
            #expect(try await test.available() == 8)
            #expect(try await test.entry(of: "ann") == "2 \(orders[0].order):1 \(orders[1].order):1")
        }
    }

    @Test func theSameKeyTwiceInOneBatchMakesOneOrder() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let first = ReservationRequest.test("ann", key: "k")
            #expect(
                try await test.verdicts(first, .test("ann", key: "k"), .test("ann", 2, key: "k"))
                    == [.granted, .replayed(first.order), .keyMismatch])
            #expect(try await test.available() == 9)
        }
    }

    @Test func theSameOrderTwiceInOneBatchTakesItsUnitsOnce() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request, request) == [.granted, .granted])
            #expect(try await test.available() == 9)
        }
    }

    @Test func aWholeBatchMayBeSentAgain() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 2)]) { test async throws in
            let batch = (0..<12).map { ReservationRequest.test("u\($0 / 2)", key: $0.isMultiple(of: 3) ? "k\($0)" : nil) }
            let first = try await test.verdicts(batch)
            #expect(first == [ReservationVerdict](repeating: .granted, count: 10) + [.soldOut(left: 0), .soldOut(left: 0)])
            #expect(try await test.verdicts(batch) == first)
            #expect(try await test.available() == 0)
            #expect(try await test.stock.unitsInFlight(of: test.id) == [SKU("x")!: 10])
        }
    }

    @Test func aUsualBatchMayBeSentAgainWithOthersInIt() async throws {
        try await withBothScripts(items: [.test("x", units: 4)]) { test async throws in
            let first = (0..<3).map { ReservationRequest.test("u\($0)") }
            #expect(try await test.verdicts(first) == [.granted, .granted, .granted])
            let second = [.test("v"), first[2], .test("w"), first[0]]
            #expect(try await test.verdicts(second) == [.granted, .granted, .soldOut(left: 0), .granted])
            #expect(try await test.available() == 0)
            #expect(try await test.stock.unitsInFlight(of: test.id) == [SKU("x")!: 4])
        }
    }

    @Test func aRefusedRequestDoesNotHinderItsNeighbours() async throws {
        try await withBothScripts(items: [.test("x", units: 2, limit: 3)]) { test async throws in
            #expect(
                try await test.verdicts(.test("ann", 3), .test("bob", of: "y"), .test("cid", 2), .test("dee"))
                    == [.soldOut(left: 2), .unknownSKU, .granted, .soldOut(left: 0)])
        }
    }

    @Test func theLargestUsualBatchIsDecided() async throws {
        try await withBothScripts(items: [.test("x", units: 1_000)]) { test async throws in
            let batch = (0..<1_000).map { ReservationRequest.test("u\($0)") }
            #expect(try await test.verdicts(batch) == [ReservationVerdict](repeating: .granted, count: 1_000))
            #expect(try await test.available() == 0)
            #expect(try await test.logCount() == 1_000)
        }
    }

    @Test func theLargestBatchIsDecided() async throws {
        try await withBothScripts(items: [.test("x", units: 1_000)]) { test async throws in
            let batch = (0..<1_000).map { ReservationRequest.test("u\($0)", key: "k\($0)") }
            #expect(try await test.verdicts(batch) == [ReservationVerdict](repeating: .granted, count: 1_000))
            #expect(try await test.available() == 0)
            #expect(try await test.logCount() == 1_000)
        }
    }

    /// As a list, the log would be searched from the front for every order of every batch.
    @Test(arguments: [nil, "k"])
    func theLogIsAHashTableFromItsFirstEntry(key: String?) async throws {
        try await withBothScripts { test async throws in
            #expect(try await test.verdicts(.test("a", key: key)) == [.granted])
            #expect(try await test.stock.call(["OBJECT", "ENCODING", test.keys.log]).text == "hashtable")
        }
    }

    // MARK: The fence

    @Test func anotherEpochIsRefusedWithTheCurrentOne() async throws {
        try await withBothScripts { test async throws in
            #expect(try await test.reserve([.test("ann")], epoch: 2) == .staleEpoch(current: 1))
            #expect(try await test.reserve([.test("ann")], epoch: 0) == .staleEpoch(current: 1))
            #expect(try await test.available() == 10)
        }
    }

    @Test(arguments: ["sale", "stock"])
    func aMissingHashIsNotLoaded(hash: String) async throws {
        try await withBothScripts { test async throws in
            _ = try await test.stock.call(["DEL", hash == "sale" ? test.keys.sale : test.keys.stock])
            #expect(try await test.reserve([.test("ann")]) == .notLoaded)
            #expect(try await test.reserve([.test("ann")], epoch: 9) == .notLoaded)
        }
    }

    @Test(arguments: ["epoch", "status", "opens_at", "closes_at"])
    func aMissingFieldIsNotLoaded(field: String) async throws {
        try await withBothScripts { test async throws in
            _ = try await test.stock.call(["HDEL", test.keys.sale, field])
            #expect(try await test.reserve([.test("ann")]) == .notLoaded)
        }
    }

    @Test func aSaleThatIsBeingRebuiltIsNotLoadedWhateverElseItHolds() async throws {
        try await withBothScripts { test async throws in
            _ = try await test.stock.call(["HSET", test.keys.sale, "status", "rebuilding"])
            #expect(try await test.reserve([.test("ann")]) == .notLoaded)
            #expect(try await test.available() == 10)
        }
    }

    @Test func aMissingLimitIsNeverNoLimit() async throws {
        try await withBothScripts { test async throws in
            _ = try await test.stock.call(["HDEL", test.keys.stock, "l:x"])
            #expect(try await test.verdicts(.test("ann")) == [.unknownSKU])
        }
    }

    // MARK: Arguments

    private static let id = "00000000-0000-0001-0000-000000000002"

    @Test(arguments: [
        ["1"],
        ["1", id, "x 1"],
        ["1", id, "x 1", "u", "more"],
        ["", id, "x 1", "u"],
        ["one", id, "x 1", "u"],
        ["1", "short", "x 1", "u"],
        ["1", id, "x 1", ""],
        ["1", id, "x 1", " k"],
        ["1", id, "x 1", "u "],
        ["1", id, "x 1", "u k k"],
        ["1", id, "", "u"],
        ["1", id, "x", "u"],
        ["1", id, " 1", "u"],
        ["1", id, "x x 1", "u"],
        ["1", id, "x 0", "u"],
        ["1", id, "x -1", "u"],
        ["1", id, "x 1.5", "u"],
        ["1", id, "x 1e1", "u"],
        ["1", id, "x 0x1", "u"],
        ["1", id, "x 01", "u"],
        ["1", id, "x ", "u"],
        ["1", id, "x 1000000000", "u"],
    ])
    func aBadArgumentAfterAGoodRequestWritesNothing(bad: [String]) async throws {
        try await withTestSale { test async throws in
            let before = try await test.dump()
            let good = ["1", OrderID.random().description, "x 1", "ann k"]
            let keys = test.keys
            let names = keys.all
            let arguments = bad.count == 1 ? bad : [bad[0]] + good.dropFirst() + bad.dropFirst()
            await #expect(
                performing: {
                    try await test.stock.evaluate(.reserve, keys: names, arguments)
                },
                throws: { error in
                    if case .refused(let reason) = error as? StoreError { reason.contains("BADARGS") } else { false }
                })
            #expect(try await test.dump() == before)
            #expect(try await test.stock.evaluate(.reserve, keys: names, good).text?.hasSuffix(" g") == true)
        }
    }

    @Test(arguments: [
        ["1"],
        ["1", "x 1"],
        ["1", "x 1", id],
        ["1", "x 1", id, "u", "more"],
        ["", "x 1", id, "u"],
        ["one", "x 1", id, "u"],
        ["1", "x 1", "short", "u"],
        ["1", "x 1", id, ""],
        ["1", "x 1", id, "u k"],
        ["1", "", id, "u"],
        ["1", "x", id, "u"],
        ["1", " 1", id, "u"],
        ["1", "x x 1", id, "u"],
        ["1", "x 0", id, "u"],
        ["1", "x -1", id, "u"],
        ["1", "x 1.5", id, "u"],
        ["1", "x 1e1", id, "u"],
        ["1", "x 01", id, "u"],
        ["1", "x ", id, "u"],
        ["1", "x 1000000000", id, "u"],
    ])
    func aBadArgumentOfAUsualBatchWritesNothing(bad: [String]) async throws {
        try await withTestSale { test async throws in
            let before = try await test.dump()
            let good = ["1", "x 1", OrderID.random().description, "ann"]
            let names = test.keys.withoutKeys
            let arguments = bad.count < 3 ? bad : Array(bad.prefix(2)) + good.dropFirst(2) + bad.dropFirst(2)
            await #expect(
                performing: {
                    try await test.stock.evaluate(.reserveItem, keys: names, arguments)
                },
                throws: { error in
                    if case .refused(let reason) = error as? StoreError { reason.contains("BADARGS") } else { false }
                })
            #expect(try await test.dump() == before)
            #expect(try await test.stock.evaluate(.reserveItem, keys: names, good).text?.hasSuffix(" G") == true)
        }
    }

    @Test(arguments: [nil, "k"])
    func tooManyRequestsAreRefusedBeforeAnyIsDecided(key: String?) async throws {
        try await withTestSale { test async throws in
            let batch = ReservationBatch(sale: test.id, epoch: 1, requests: (0...1_000).map { .test("u\($0)", key: key) })
            guard case .failure(.refused) = await test.lane.reserve(batch) else {
                Issue.record("not refused")
                return
            }
            #expect(try await test.available() == 10)
        }
    }
}
