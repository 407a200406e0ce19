import Logging
import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// What operators do to orders, also to those that Postgres does not have yet.
@Suite struct OrderOperationsTests {
    private let bed: TestBed
    private let operations: OrderOperations

    init() throws {
        bed = TestBed()
        try bed.openSale()
        operations = OrderOperations(orders: bed.ledger, books: NoBooks(), ledger: bed.ledger, log: bed.stock, journal: bed.ledger)
    }

    private func cancel(_ order: OrderID, reason: String? = "asked to") throws -> Order {
        try bed.result { [operations] in try await operations.cancel(order, by: .world.because(reason)) }
    }

    private func refund(_ order: OrderID, _ amount: Int64, _ reference: String = "tx") throws -> Order {
        try bed.result { [operations] in try await operations.record(Refund(order: order, amount: amount, reference: reference), by: .world) }
    }

    @Test func `a committed order is cancelled once`() throws {
        let order = bed.grant(1)
        bed.commit(order)
        #expect(try cancel(order.order).state == .cancelled)
        #expect(throws: OperatorCommandError.conflict("order \(order.order) is cancelled already")) { try cancel(order.order) }
    }

    @Test func `an order that only Redis has is committed first`() throws {
        let order = bed.grant(1)
        #expect(try cancel(order.order).state == .cancelled)
        #expect(bed.postgres.books.order(order.order)?.state == .cancelled)
    }

    @Test func `an order that only Redis has is shown as reserved`() throws {
        let order = bed.grant(1)
        let record = try bed.result { [operations] in try await operations.order(order.order) }
        #expect(record.order.state == .reserved && record.life.map(\.what) == [.granted])
    }

    @Test func `a dry run says what would be and changes nothing`() throws {
        func foresee(_ order: OrderID) throws -> Order {
            try bed.result { [operations] in try await operations.cancel(order, dryRun: true, by: .world.because("asked to")) }
        }
        let (committed, reserved) = (bed.grant(1), bed.grant(2))
        bed.commit(committed)
        #expect(try foresee(committed.order).state == .cancelled)
        #expect(bed.postgres.books.order(committed.order)?.state == .awaitingPayment)
        #expect(try foresee(reserved.order).state == .cancelled)
        #expect(bed.postgres.books.order(reserved.order) == nil)
        _ = try cancel(committed.order)
        #expect(throws: OperatorCommandError.conflict("order \(committed.order) is cancelled already")) { try foresee(committed.order) }
    }

    @Test func `an unknown order is not found`() {
        let id = OrderID("01900000-0000-7000-8000-000000000001")!
        #expect(throws: OperatorCommandError.notFound("there is no order \(id)")) { try cancel(id) }
        #expect(throws: OperatorCommandError.notFound("there is no order \(id)")) { try refund(id, 1) }
    }

    @Test(arguments: [nil, "", "  ", "two\nlines", String(repeating: "x", count: 201)])
    func `a reason must be given, in one line`(reason: String?) throws {
        let order = bed.grant(1)
        bed.commit(order)
        #expect {
            try cancel(order.order, reason: reason)
        } throws: { error in
            if case OperatorCommandError.invalid(let violations) = error { violations.map(\.field) == ["reason"] } else { false }
        }
        #expect(bed.postgres.books.order(order.order)?.state == .awaitingPayment)
    }

    @Test func `a refund needs an amount and a reference`() throws {
        let order = bed.grant(1)
        bed.commit(order)
        for (amount, reference) in [(0, "tx"), (-1, "tx"), (1, "")] as [(Int64, String)] {
            #expect {
                try refund(order.order, amount, reference)
            } throws: { error in
                if case OperatorCommandError.invalid = error { true } else { false }
            }
        }
        #expect(throws: OperatorCommandError.self) { try refund(order.order, 1) }
    }

    @Test func `balances of the ledger run on from page to page`() {
        func entry(_ id: Int64, _ sku: String, loaded: Int64 = 0, committed: Int64 = 0) -> LedgerEntry {
            LedgerEntry(
                id: id, at: Timestamp(milliseconds: id), sale: TestBed.sale, sku: SKU(sku)!, kind: loaded == 0 ? .commit : .load, loaded: loaded,
                committed: committed, amount: 0, currency: nil, order: nil)
        }
        let first = LedgerLine.lines([entry(1, "a", loaded: 10), entry(2, "a", committed: 3)], after: nil)
        #expect(first.map(\.balance) == [10, 7])
        let second = LedgerLine.lines([entry(5, "a", committed: -1), entry(3, "b", loaded: 4)], after: first.last?.position)
        #expect(second.map(\.balance) == [8, 4])
    }
}
