import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// `reserve_item.lua` and `reserve.lua`, one purchase at a time, on a real Redis.
@Suite(.timeLimit(.minutes(2))) struct ReserveScriptTests {
    @Test func aGrantTakesTheUnitsAndWritesTheLog() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let request = ReservationRequest.test("ann", 2, key: "k")
            guard case .decided(let now, [.granted]) = try await test.reserve([request]) else {
                Issue.record("not granted")
                return
            }
            #expect(try await test.available() == 8)
            #expect(try await test.entry(of: "ann") == "2 \(request.order):2")
            #expect(
                try await test.stock.reservation(request.order, of: test.id)
                    == Reservation(request, of: test.id, epoch: 1, grantedAt: now))
        }
    }

    // MARK: Stock

    @Test func theLastUnitGoesToExactlyOneBuyer() async throws {
        try await withBothScripts(items: [.test("x", units: 1)]) { test async throws in
            #expect(try await test.verdicts(.test("ann"), .test("bob")) == [.granted, .soldOut(left: 0)])
            #expect(try await test.available() == 0)
        }
    }

    @Test func anExactFitIsGranted() async throws {
        try await withBothScripts(items: [.test("x", units: 3, limit: 3)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 3)) == [.granted])
            #expect(try await test.available() == 0)
        }
    }

    @Test func moreThanIsLeftIsRefusedWithWhatIsLeft() async throws {
        try await withBothScripts(items: [.test("x", units: 2, limit: 3)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 3)) == [.soldOut(left: 2)])
            #expect(try await test.available() == 2)
        }
    }

    /// Zero is true in Lua.
    @Test func zeroUnitsAreSoldOutNotUnknown() async throws {
        try await withBothScripts(items: [.test("x", units: 0)]) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.soldOut(left: 0)])
        }
    }

    /// As text, "9" is greater than "10".
    @Test func numbersAreComparedAsNumbers() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 10)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 9), .test("bob", 9), .test("bob")) == [.granted, .soldOut(left: 1), .granted])
        }
    }

    @Test func aBillionUnitsStayExact() async throws {
        try await withBothScripts(items: [.test("x", units: 1_000_000_000, limit: 1_000)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 1), .test("bob", 1_000)) == [.granted, .granted])
            #expect(try await test.available() == 999_998_999)
        }
    }

    @Test func anUnknownSKUIsToldFromASoldOutOne() async throws {
        try await withBothScripts { test async throws in
            #expect(try await test.verdicts(.test("ann", of: "y"), .test("ann")) == [.unknownSKU, .granted])
        }
    }

    @Test func eachSKUHasItsOwnStock() async throws {
        try await withBothScripts(items: [.test("x", units: 1), .test("y", units: 1)]) { test async throws in
            #expect(
                try await test.verdicts(.test("ann"), .test("ann", of: "y"), .test("bob"), .test("bob", of: "y"))
                    == [.granted, .granted, .soldOut(left: 0), .soldOut(left: 0)])
        }
    }

    // MARK: Limit

    @Test func aLimitOfOneNamesTheOrderThatUsedIt() async throws {
        try await withBothScripts { test async throws in
            let first = ReservationRequest.test("ann")
            #expect(try await test.verdicts(first) == [.granted])
            #expect(try await test.verdicts(.test("ann")) == [.limitReached(first.order)])
            #expect(try await test.available() == 9)
        }
    }

    @Test func aLimitOfThreeCountsUnitsAndNamesTheNewestOrder() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let orders = [ReservationRequest.test("ann", 1), .test("ann", 2)]
            #expect(try await test.verdicts(orders[0]) == [.granted])
            #expect(try await test.verdicts(.test("ann", 3)) == [.limitReached(orders[0].order)])
            #expect(try await test.verdicts(orders[1]) == [.granted])
            #expect(try await test.verdicts(.test("ann", 1)) == [.limitReached(orders[1].order)])
            #expect(try await test.entry(of: "ann") == "3 \(orders[0].order):1 \(orders[1].order):2")
        }
    }

    @Test func moreThanTheLimitAtOnceNamesNoOrder() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 4)) == [.limitReached(nil)])
        }
    }

    @Test func theLimitIsToldBeforeTheStock() async throws {
        try await withBothScripts(items: [.test("x", units: 1)]) { test async throws in
            let first = ReservationRequest.test("ann")
            #expect(try await test.verdicts(first, .test("ann")) == [.granted, .limitReached(first.order)])
        }
    }

    // MARK: Window and status

    @Test func nothingIsSoldBeforeTheSaleOpens() async throws {
        try await withBothScripts(opensIn: 60_000) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.notStarted])
            #expect(try await test.available() == 10)
        }
    }

    @Test func nothingIsSoldWhilePaused() async throws {
        try await withBothScripts(status: .paused, opensIn: 60_000) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.paused])
        }
    }

    @Test func aClosedSaleIsClosedWhateverItsWindow() async throws {
        try await withBothScripts(status: .closed, opensIn: 60_000) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.closed])
        }
    }

    @Test func aSaleIsClosedAfterItsEndEvenWhenPaused() async throws {
        try await withBothScripts(status: .paused, closesIn: -1) { test async throws in
            #expect(try await test.verdicts(.test("ann")) == [.closed])
        }
    }

    /// The first millisecond of the window sells, the first after it does not.
    @Test func theWindowHoldsItsBeginningAndNotItsEnd() async throws {
        try await withBothScripts(items: [.test("x", units: 1_000_000)]) { test async throws in
            var sawBeginning = false
            var sawEnd = false
            var user = 0
            try await eventually {
                let now = try await test.stock.now()
                test.sale.opensAt = now.advanced(milliseconds: 4)
                test.sale.closesAt = now.advanced(milliseconds: 8)
                test.sale.version += 1
                #expect(try await test.stock.sync(test.sale) == .done)
                var at = now
                while at <= test.sale.closesAt {
                    user += 1
                    guard case .decided(let instant, let verdicts) = try await test.reserve([.test("u\(user)")]) else { throw NeverHappened() }
                    at = instant
                    let expected: ReservationVerdict = at < test.sale.opensAt ? .notStarted : at < test.sale.closesAt ? .granted : .closed
                    #expect(verdicts == [expected], "at \(at), window \(test.sale.opensAt) to \(test.sale.closesAt)")
                    if at == test.sale.opensAt { sawBeginning = true }
                    if at == test.sale.closesAt { sawEnd = true }
                }
                return sawBeginning && sawEnd ? true : nil
            }
        }
    }

    // MARK: Idempotency key

    @Test func theSameKeyAndPayloadIsAnsweredWithTheFirstOrder() async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3)]) { test async throws in
            let first = ReservationRequest.test("ann", 2, key: "k")
            #expect(try await test.verdicts(first) == [.granted])
            #expect(try await test.verdicts(.test("ann", 2, key: "k")) == [.replayed(first.order)])
            #expect(try await test.available() == 8)
        }
    }

    @Test(arguments: [(1, "x"), (2, "y")])
    func theSameKeyWithAnotherPayloadIsAMismatch(quantity: Int, sku: String) async throws {
        try await withBothScripts(items: [.test("x", units: 10, limit: 3), .test("y", units: 10, limit: 3)]) { test async throws in
            #expect(try await test.verdicts(.test("ann", 2, key: "k")) == [.granted])
            #expect(try await test.verdicts(.test("ann", quantity, of: sku, key: "k")) == [.keyMismatch])
            #expect(try await test.available() == 8)
            #expect(try await test.available("y") == 10)
        }
    }

    @Test func aKeyBelongsToOneUser() async throws {
        try await withBothScripts { test async throws in
            #expect(try await test.verdicts(.test("ann", key: "k"), .test("bob", key: "k")) == [.granted, .granted])
        }
    }

    @Test func aRefusalDoesNotUseTheKeyUp() async throws {
        try await withBothScripts(status: .paused) { test async throws in
            #expect(try await test.verdicts(.test("ann", key: "k")) == [.paused])
            test.sale.status = .open
            test.sale.version += 1
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.verdicts(.test("ann", key: "k")) == [.granted])
        }
    }

    @Test(arguments: [SaleStatus.paused, .closed])
    func aSaleThatDoesNotSellStillShowsTheOrderUnderAKey(status: SaleStatus) async throws {
        try await withBothScripts(items: [.test("x", units: 1)]) { test async throws in
            let first = ReservationRequest.test("ann", key: "k")
            #expect(try await test.verdicts(first) == [.granted])
            test.sale.status = status
            test.sale.version += 1
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.verdicts(.test("ann", key: "k"), .test("ann", 2, key: "k")) == [.replayed(first.order), .keyMismatch])
        }
    }

    @Test func aSoldOutSaleStillShowsTheOrderUnderAKey() async throws {
        try await withBothScripts(items: [.test("x", units: 1)]) { test async throws in
            let first = ReservationRequest.test("ann", key: "k")
            #expect(try await test.verdicts(first, .test("ann", key: "k")) == [.granted, .replayed(first.order)])
        }
    }

    // MARK: The same order again

    @Test(arguments: [nil, "k"])
    func theSameOrderIsGrantedAgainWithoutTakingUnits(key: String?) async throws {
        try await withBothScripts { test async throws in
            let request = ReservationRequest.test("ann", key: key)
            #expect(try await test.verdicts(request) == [.granted])
            #expect(try await test.verdicts(request) == [.granted])
            #expect(try await test.available() == 9)
            #expect(try await test.entry(of: "ann") == "1 \(request.order):1")
        }
    }

    @Test func anOrderIsGrantedAgainAfterTheSaleClosed() async throws {
        try await withBothScripts { test async throws in
            let request = ReservationRequest.test("ann")
            #expect(try await test.verdicts(request) == [.granted])
            test.sale.status = .closed
            test.sale.version += 1
            #expect(try await test.stock.sync(test.sale) == .done)
            #expect(try await test.verdicts(request, .test("bob")) == [.granted, .closed])
        }
    }

    /// It was rejected or given up meanwhile: the answer is that order, not a new grant.
    @Test func anOrderThatIsGoneIsReplayedByItsKey() async throws {
        try await withBothScripts { test async throws in
            let request = ReservationRequest.test("ann", key: "k")
            #expect(try await test.verdicts(request) == [.granted])
            try await test.stock.settle(
                Settlement(sale: test.id, released: [.init(order: request.order, user: request.user, sku: request.sku)]))
            #expect(try await test.verdicts(request) == [.replayed(request.order)])
            #expect(try await test.available() == 10)
        }
    }
}
