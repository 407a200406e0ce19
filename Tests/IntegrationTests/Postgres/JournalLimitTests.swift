import PostgresLedger
import SaleCore
import SaleService
import Testing

/// I6 and the idempotency key, as Postgres judges them when Redis was wrong.
@Suite(.timeLimit(.minutes(2))) struct JournalLimitTests {
    @Test func aSecondOrderOfAUserIsAConflictWhereTheLimitIsOne() async throws {
        try await withLedger(stock: 9) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann")])
            let verdicts = try await journal.commit([reservation(2, user: "ann"), reservation(3, user: "bob")])
            #expect(verdicts[0] == .rejected(.conflict))
            #expect(verdicts.committedCount == 1)
            #expect(try await ledger.committed() == [2])
        }
    }

    @Test func twoOrdersOfAUserInOneBatchAreOne() async throws {
        try await withLedger(stock: 9) { ledger in
            let verdicts = try await ledger.journal().commit([reservation(1, user: "ann"), reservation(2, user: "ann")])
            #expect(verdicts.committedCount == 1)
            #expect(verdicts[1] == .rejected(.conflict))
        }
    }

    @Test func twoUnitsAreTooManyWhereTheLimitIsOne() async throws {
        try await withLedger(stock: 9) { (ledger) async throws in
            #expect(try await ledger.journal().commit([reservation(1, quantity: 2)]) == [.rejected(.conflict)])
        }
    }

    @Test func aUserWhoseOrderEndedMayBuyAgain() async throws {
        try await withLedger(stock: 9) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann")])
            try await ledger.session.script("UPDATE orders SET state = 'cancelled'")
            #expect(try await journal.commit([reservation(2, user: "ann")]).committedCount == 1)
        }
    }

    @Test func unitsUpToTheLimitAreCommittedAndNoMore() async throws {
        try await withLedger(stock: 99, limit: 3) { ledger in
            let journal = ledger.journal()
            let first = try await journal.commit([reservation(1, user: "ann", quantity: 2), reservation(2, user: "bob", quantity: 3)])
            #expect(first.committedCount == 2)
            let second = try await journal.commit([
                reservation(3, user: "ann"), reservation(4, user: "ann"), reservation(5, user: "bob"), reservation(6, user: "eve", quantity: 4),
            ])
            #expect(second.committedCount == 1)
            #expect(second.count(of: .conflict) == 3)
            #expect(try await ledger.committed() == [6])
            #expect(try await ledger.number("SELECT sum(units) FROM user_units") == 6)
        }
    }

    @Test func aReplayDoesNotCountItsUnitsTwice() async throws {
        try await withLedger(stock: 99, limit: 3) { (ledger) async throws in
            let journal = ledger.journal()
            for _ in 1...2 { #expect(try await journal.commit([reservation(1, user: "ann", quantity: 3)]).committedCount == 1) }
            #expect(try await ledger.number("SELECT units FROM user_units") == 3)
        }
    }

    @Test func anotherOrderUnderTheSameKeyIsAConflictAndIsRecordedWithoutTheKey() async throws {
        try await withLedger(stock: 9, limit: 5) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann", key: "k")])
            let verdicts = try await journal.commit([reservation(2, user: "ann", key: "k"), reservation(3, user: "bob", key: "k")])
            #expect(verdicts[0] == .rejected(.conflict))
            #expect(verdicts.committedCount == 1)
            #expect(try await journal.commit([reservation(2, user: "ann", key: "k")]) == [.rejected(.conflict)])
            #expect(try await ledger.number("SELECT count(*) FROM orders WHERE idempotency_key = 'k'") == 2)
        }
    }

    @Test func aKeyOutlivesItsOrdersEnd() async throws {
        try await withLedger(stock: 9, limit: 5) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann", key: "k")])
            try await ledger.session.script("UPDATE orders SET state = 'cancelled'")
            #expect(try await journal.commit([reservation(2, user: "ann", key: "k")]) == [.rejected(.conflict)])
        }
    }

    @Test func anOrderThatFoundNoUnitsKeepsItsKey() async throws {
        try await withLedger(stock: 0) { ledger in
            _ = try await ledger.journal().commit([reservation(1, key: "k")])
            #expect(try await ledger.number("SELECT count(*) FROM orders WHERE state = 'rejected' AND idempotency_key = 'k'") == 1)
        }
    }

    // MARK: A limit that changes

    @Test func aHigherLimitCountsWhatWasBoughtUnderTheLower() async throws {
        try await withLedger(stock: 99) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann")])
            try await ledger.make([.setLimitPerUser(LedgerUnderTest.phone, from: 1, to: 3)])
            let verdicts = try await journal.commit([reservation(2, user: "ann", quantity: 2), reservation(3, user: "ann")])
            #expect(verdicts.committedCount == 1)
            #expect(verdicts[1] == .rejected(.conflict))
        }
    }

    @Test func aLimitThatReturnsToOneHoldsForUsersWhoHaveMore() async throws {
        try await withLedger(stock: 99, limit: 3) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1, user: "ann"), reservation(2, user: "ann"), reservation(3, user: "bob")])
            try await ledger.make([.setLimitPerUser(LedgerUnderTest.phone, from: 3, to: 1)])
            let verdicts = try await journal.commit([
                reservation(4, user: "ann"), reservation(5, user: "bob"), reservation(6, user: "eve"), reservation(7, user: "eve"),
            ])
            #expect(verdicts.committedCount == 1)
            #expect(verdicts.count(of: .conflict) == 3)
        }
    }

    @Test func aLimitMayCrossOneAgainAndAgain() async throws {
        try await withLedger(stock: 99) { ledger in
            let journal = ledger.journal()
            let phone = LedgerUnderTest.phone
            _ = try await journal.commit([reservation(1, user: "ann")])
            try await ledger.make([.setLimitPerUser(phone, from: 1, to: 2)])
            try await ledger.make([.setLimitPerUser(phone, from: 2, to: 1)])
            try await ledger.make([.setLimitPerUser(phone, from: 1, to: 2)])
            let verdicts = try await journal.commit([reservation(2, user: "ann"), reservation(3, user: "ann")])
            #expect(verdicts.committedCount == 1)
            #expect(try await ledger.catalog.auditFigures(of: LedgerUnderTest.sale)[phone]?.usersOverLimit == 0)
        }
    }
}
