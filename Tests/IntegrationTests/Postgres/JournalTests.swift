import PostgresLedger
import SaleCore
import SaleService
import Testing

@Suite(.timeLimit(.minutes(2))) struct JournalTests {
    @Test func aBatchThatFitsExactlyIsCommittedWhole() async throws {
        try await withLedger(stock: 50) { ledger in
            let verdicts = try await ledger.journal().commit(reservations(0..<50))
            #expect(verdicts.committedCount == 50)
            #expect(try await ledger.committed() == [50])
        }
    }

    @Test func oneOrderTooManyIsTheOneThatIsRejected() async throws {
        try await withLedger(stock: 50) { ledger in
            let verdicts = try await ledger.journal().commit(reservations(0..<51))
            #expect(verdicts.committedCount == 50)
            #expect(verdicts.last == .rejected(.noUnits))
            #expect(try await ledger.committed() == [50])
        }
    }

    /// Grant order, not the order of ids, decides who gets the last units.
    @Test func aBatchThatDoesNotFitIsSplitInItsOrder() async throws {
        try await withLedger(stock: 2) { ledger in
            let verdicts = try await ledger.journal().commit([reservation(3), reservation(1), reservation(2)])
            #expect(verdicts.map { $0 == .rejected(.noUnits) } == [false, false, true])
        }
    }

    @Test func aCommittedOrderLooksAsItWillBeRead() async throws {
        try await withLedger(stock: 5) { ledger in
            let reservation = reservation(1, key: "k")
            let verdicts = try await ledger.journal().commit([reservation])
            let read = try await PostgresOrders(address: ledger.address).order(reservation.order)
            let order = try #require(read)
            #expect(verdicts == [.committed(order)])
            #expect(order.state == .awaitingPayment)
            #expect(order.unitPrice == 399_900)
            #expect(order.createdAt == reservation.grantedAt)
            #expect(order.payBy == reservation.grantedAt.advanced(milliseconds: LedgerUnderTest.payWithin))
        }
    }

    @Test func theSameBatchTwiceCountsOnceAndHearsTheSame() async throws {
        try await withLedger(stock: 50) { ledger in
            let journal = ledger.journal()
            let first = try await journal.commit(reservations(0..<40))
            #expect(try await journal.commit(reservations(0..<40)) == first)
            #expect(try await ledger.committed() == [40])
        }
    }

    @Test func aBatchThatIsPartlyOldCommitsTheRest() async throws {
        try await withLedger(stock: 50) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit(reservations(0..<10))
            #expect(try await journal.commit(reservations(5..<20)).committedCount == 15)
            #expect(try await ledger.committed() == [20])
        }
    }

    @Test func aRejectionIsRecordedAndRepeated() async throws {
        try await withLedger(stock: 1) { ledger in
            let journal = ledger.journal()
            let first = try await journal.commit(reservations(0..<3))
            #expect(try await journal.commit(reservations(0..<3)) == first)
            #expect(try await PostgresOrders(address: ledger.address).order(reservation(2).order)?.state == .rejected)
        }
    }

    /// A verdict is final: units that come back later belong to other buyers.
    @Test func aRejectedOrderStaysRejectedWhenStockComesBack() async throws {
        try await withLedger(stock: 1) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit(reservations(0..<2))
            try await ledger.make([.moveStock(LedgerUnderTest.phone, from: 1, to: 9)])
            #expect(try await journal.commit([reservation(1)]) == [.rejected(.noUnits)])
        }
    }

    @Test func anOrderThatEndedMeanwhileIsReportedAsItIsNow() async throws {
        try await withLedger(stock: 1) { ledger in
            let journal = ledger.journal()
            _ = try await journal.commit([reservation(1)])
            try await ledger.session.script("UPDATE orders SET state = 'paid'")
            guard case .committed(let order) = try await journal.commit([reservation(1)])[0] else { throw TestFailure() }
            #expect(order.state == .paid)
        }
    }

    @Test func anIdThatStandsTwiceInABatchIsOneOrder() async throws {
        try await withLedger(stock: 3) { ledger in
            let verdicts = try await ledger.journal().commit([reservation(1), reservation(2), reservation(1)])
            #expect(verdicts.committedCount == 3)
            #expect(verdicts[0] == verdicts[2])
            #expect(try await ledger.committed() == [2])
        }
    }

    @Test func anIdThatStandsTwiceInABatchThatDoesNotFitIsOneOrder() async throws {
        try await withLedger(stock: 2) { ledger in
            let verdicts = try await ledger.journal().commit([reservation(1), reservation(1), reservation(2), reservation(3)])
            #expect(verdicts.committedCount == 3)
            #expect(verdicts[3] == .rejected(.noUnits))
            #expect(try await ledger.committed() == [2])
        }
    }

    @Test func anItemOrASaleThatIsNotThereIsUnknown() async throws {
        try await withLedger(stock: 3) { ledger in
            let verdicts = try await ledger.journal().commit([
                reservation(1, sku: SKU("nothing")!), reservation(2), reservation(3, sale: SaleID("nowhere")!),
            ])
            #expect(verdicts.map { $0 == .rejected(.unknownItem) } == [true, false, true])
            #expect(try await ledger.committed() == [1])
        }
    }

    @Test func eachItemOfABatchKeepsItsOwnBooks() async throws {
        try await withLedger(stock: 2, 1, 3) { ledger in
            let batch = (0..<9).map { reservation($0, sku: LedgerUnderTest.sku($0 % 3)) }
            let verdicts = try await ledger.journal().commit(batch)
            #expect(verdicts.committedCount == 6)
            #expect(try await ledger.committed(LedgerUnderTest.sku(0)) == [2])
            #expect(try await ledger.committed(LedgerUnderTest.sku(1)) == [1])
            #expect(try await ledger.committed(LedgerUnderTest.sku(2)) == [3])
        }
    }

    @Test func anEmptyBatchHasNoVerdicts() async throws {
        try await withLedger(stock: 1) { ledger in
            let verdicts = try await ledger.journal().commit([])
            #expect(verdicts.isEmpty)
        }
    }

    struct TestFailure: Error {}
}
