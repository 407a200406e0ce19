import PostgresLedger
import SaleCore
import SaleService
import Testing

@Suite(.timeLimit(.minutes(2))) struct CatalogTests {
    private let demo = LedgerUnderTest.sale
    private let phone = LedgerUnderTest.phone

    @Test func aSaleIsReadAsItWasCreated() async throws {
        try await withLedger(stock: 9, 0) { ledger in
            let sale = try #require(try await ledger.catalog.sale(demo))
            #expect(sale.title == "Demo")
            #expect(sale.status == .open)
            #expect(sale.closesAt == Timestamp(milliseconds: 1))
            #expect(sale.payWithinMilliseconds == LedgerUnderTest.payWithin)
            #expect(sale.epoch == 0)
            #expect(sale.items.map(\.loaded) == [0, 9])
            #expect(try await ledger.catalog.sales() == [sale])
        }
    }

    @Test func salesComeInTheOrderOfTheirIdsAlsoWithoutItems() async throws {
        try await withLedger(stock: 1) { ledger in
            for name in ["zoo", "alpha"] {
                try await ledger.catalog.make(
                    [.create(title: name, opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: 60_000)],
                    to: SaleID(name)!, by: .test)
            }
            #expect(try await ledger.catalog.sales().map(\.id.rawValue) == ["alpha", "demo", "zoo"])
        }
    }

    @Test func changesAreReadBackWithTheirVersionsGrown() async throws {
        try await withLedger(stock: 9) { ledger in
            let before = try #require(try await ledger.catalog.sale(demo))
            try await ledger.make([
                .setTitle(from: "Demo", to: "Sale"), .setStatus(from: .open, to: .paused),
                .setPayWithin(fromMilliseconds: 900_000, toMilliseconds: 60_000),
                .setOpensAt(from: before.opensAt, to: Timestamp(milliseconds: 5)),
                .setClosesAt(from: before.closesAt, to: Timestamp(milliseconds: 9)),
                .setItemTitle(phone, from: "Phone", to: "X"), .moveStock(phone, from: 9, to: 12),
                .setPrice(phone, from: 399_900, fromCurrency: Currency("CNY")!, to: 5, toCurrency: Currency("EUR")!),
            ])
            let after = try #require(try await ledger.catalog.sale(demo))
            #expect(after.title == "Sale")
            #expect(after.status == .paused)
            #expect(after.opensAt.milliseconds == 5)
            #expect(after.closesAt.milliseconds == 9)
            #expect(after.payWithinMilliseconds == 60_000)
            #expect(after.version == before.version + 1)
            #expect(after.items[0].loaded == 12)
            #expect(after.items[0].title == "X")
            #expect(after.items[0].unitPrice == 5)
            #expect(after.items[0].currency == Currency("EUR")!)
            #expect(after.items[0].version == before.items[0].version + 1)
        }
    }

    @Test func aCommandLeavesOneAuditRowAndOneLedgerRowPerStockMovement() async throws {
        try await withLedger(stock: 9, 4) { ledger in
            try await ledger.make([.moveStock(phone, from: 9, to: 7), .setTitle(from: "Demo", to: "Sale")])
            #expect(
                try await ledger.lines("SELECT array_to_string(changes, '|') FROM operator_audit ORDER BY id").last
                    == "phone-x stock 9 → 7|title \"Demo\" → \"Sale\"")
            #expect(try await ledger.number("SELECT count(*) FROM operator_audit") == 2)
            #expect(try await ledger.lines("SELECT sku || loaded FROM stock_ledger ORDER BY id") == ["phone-x9", "phone-14", "phone-x-2"])
        }
    }

    @Test func ofSeveralChangesAllAreMadeOrNone() async throws {
        try await withLedger(stock: 9) { (ledger) async throws in
            await #expect(throws: LedgerChangeError.self) {
                try await ledger.make([.moveStock(phone, from: 9, to: 20), .setTitle(from: "Old", to: "New")])
            }
            #expect(try await ledger.catalog.sale(demo)?.items[0].loaded == 9)
            #expect(try await ledger.number("SELECT count(*) FROM operator_audit") == 1)
        }
    }

    @Test func stockNeverGoesBelowWhatIsCommitted() async throws {
        try await withLedger(stock: 9) { ledger in
            _ = try await ledger.journal().commit(reservations(0..<5))
            await #expect(throws: LedgerChangeError.conflict("phone-x: stock cannot be 4, 5 units are committed")) {
                try await ledger.make([.moveStock(phone, from: 9, to: 4)])
            }
            try await ledger.make([.moveStock(phone, from: 9, to: 5)])
        }
    }

    @Test func aClosedSaleStaysClosed() async throws {
        try await withLedger(stock: 9) { ledger in
            try await ledger.make([.setStatus(from: .open, to: .closed)])
            await #expect(throws: LedgerChangeError.conflict("sale demo is closed, and closed is final")) {
                try await ledger.make([.setStatus(from: .closed, to: .open)])
            }
        }
    }

    @Test func ofTwoOperatorsWithTheSameChangeOneHearsOfTheOther() async throws {
        try await withLedger(stock: 9) { ledger in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for to in [Int64(20), 30, 40, 50] {
                    group.addTask { (try? await ledger.make([.moveStock(phone, from: 9, to: to)])) != nil }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 1)
            let loaded = try #require(try await ledger.catalog.sale(demo)?.items[0].loaded)
            #expect(try await ledger.number("SELECT sum(loaded) FROM stock_ledger") == loaded)
        }
    }

    @Test func ofTwoOperatorsWhoCreateASaleOneSucceeds() async throws {
        try await withLedger(stock: 1) { ledger in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 1...4 {
                    group.addTask {
                        let create = SaleChange.create(
                            title: "a", opensAt: .init(milliseconds: 0), closesAt: .init(milliseconds: 1), payWithinMilliseconds: 60_000)
                        return (try? await ledger.catalog.make([create], to: SaleID("new")!, by: .test)) != nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 1)
        }
    }

    @Test func aMissingSaleIsNotFound() async throws {
        try await withLedger(stock: 1) { ledger in
            await #expect(throws: LedgerChangeError.notFound("no sale other")) {
                try await ledger.catalog.make([.setTitle(from: "a", to: "b")], to: SaleID("other")!, by: .test)
            }
        }
    }

    @Test func aListOfOrdersCanBeNarrowedToAUserAndAState() async throws {
        try await withLedger(stock: 2, limit: 2) { ledger in
            _ = try await ledger.journal().commit([reservation(1, user: "ann"), reservation(2, user: "bob"), reservation(3, user: "ann")])
            func list(_ user: UserID?, _ state: OrderState?, before cursor: OrderID? = nil) async throws -> [OrderID] {
                try await ledger.catalog.orders(OrderFilter(sale: demo, user: user, states: state.map { [$0] } ?? []), before: cursor, countMax: 9)
                    .map(\.id)
            }
            let ids = (0...3).map { reservation($0).order }
            #expect(try await list(nil, nil) == [ids[3], ids[2], ids[1]])
            #expect(try await list(UserID("ann"), nil) == [ids[3], ids[1]])
            #expect(try await list(UserID("ann"), .rejected) == [ids[3]])
            #expect(try await list(nil, .awaitingPayment, before: ids[2]) == [ids[1]])
        }
    }

    @Test func onlyOrdersThatAreThereAreRecorded() async throws {
        try await withLedger(stock: 1) { ledger in
            _ = try await ledger.journal().commit(reservations(0..<2))
            let recorded = try await ledger.catalog.recorded((0..<4).map { reservation($0).order })
            #expect(recorded == Set((0..<2).map { reservation($0).order }))
        }
    }

    /// Over the limit is who holds more than the limit under which the units were bought.
    @Test func anAuditCountsLiveOrdersAndUsersOverTheLimit() async throws {
        try await withLedger(stock: 9, 3, limit: 2) { ledger in
            _ = try await ledger.journal().commit([reservation(1, user: "ann", quantity: 2), reservation(2, user: "bob")])
            try await ledger.make([.setLimitPerUser(phone, from: 2, to: 1)])
            var figures = try await ledger.catalog.auditFigures(of: demo)
            #expect(figures[phone] == AuditFigures(loaded: 9, committed: 3, inLiveOrders: 3, limitPerUser: 1, usersOverLimit: 0))
            #expect(figures[LedgerUnderTest.sku(1)] == AuditFigures(loaded: 3, committed: 0, inLiveOrders: 0, limitPerUser: 2, usersOverLimit: 0))
            try await ledger.session.script("UPDATE orders SET quantity = 3 WHERE user_id = 'ann'")
            figures = try await ledger.catalog.auditFigures(of: demo)
            #expect(figures[phone]?.usersOverLimit == 1)
        }
    }

    @Test func anAuditFindsWhoHoldsTwoOfAnItemWhoseLimitWasAlwaysOne() async throws {
        try await withLedger(stock: 9) { ledger in
            _ = try await ledger.journal().commit([reservation(1, user: "ann"), reservation(2, user: "bob")])
            #expect(try await ledger.catalog.auditFigures(of: demo)[phone]?.usersOverLimit == 0)
            try await ledger.session.script("DROP INDEX orders_of_user; UPDATE orders SET user_id = 'ann'")
            #expect(try await ledger.catalog.auditFigures(of: demo)[phone]?.usersOverLimit == 1)
        }
    }

    /// All but one of the items that all open sales together may have stand in another sale.
    @Test(arguments: [
        (closes: "now() + interval '1 hour'", status: "open", fits: false), ("now() - interval '1 hour'", "open", true),
        ("now() + interval '1 hour'", "closed", true),
    ])
    func itemsOfAllOpenSalesTogetherAreBounded(other: (closes: String, status: String, fits: Bool)) async throws {
        try await withLedger(stock: 1) { ledger in
            try await ledger.session.script(
                """
                UPDATE sales SET closes_at = now() + interval '1 hour';
                INSERT INTO sales (id, title, status, opens_at, closes_at, pay_within_ms)
                VALUES ('big', 'Big', '\(other.status)', now() - interval '1 day', \(other.closes), 1);
                INSERT INTO stock (sale_id, sku, title, unit_price, currency, loaded, limit_per_user, counts_users)
                SELECT 'big', 'i-' || number, 'I', 1, 'EUR', 1, 1, false FROM generate_series(1, \(Limits.openItemsMax - 2)) AS number
                """)
            func add(_ skus: String...) async -> LedgerChangeError? {
                do throws(LedgerChangeError) {
                    try await ledger.catalog.make(
                        skus.map { .addItem(SKU($0)!, title: "I", unitPrice: 1, currency: Currency("EUR")!, stock: 1, limitPerUser: 1) }, to: demo,
                        by: .test)
                    return nil
                } catch { return error }
            }
            let refusal = LedgerChangeError.tooManyItems(open: Int64(Limits.openItemsMax) + 1)
            #expect(await add("a", "b") == (other.fits ? nil : refusal))
            #expect(await add("c") == nil)
            #expect(await add("d") == (other.fits ? nil : refusal))
            if other.closes.contains("-") {
                // Whoever sells on after the end puts the items on sale again.
                let sale = try #require(try await ledger.catalog.sale(SaleID("big")!))
                await #expect(throws: LedgerChangeError.self) {
                    try await ledger.catalog.make(
                        [.setClosesAt(from: sale.closesAt, to: sale.closesAt.advanced(milliseconds: 86_400_000))], to: sale.id, by: .test)
                }
            }
        }
    }
}
