import SaleCore
import SaleService
import Testing

@Suite struct KeptSettlementsTests {
    private static let sales = ["a", "b"].map { SaleID($0)! }

    private static func orders(_ count: Int, from first: UInt64 = 0) -> [OrderID] {
        (0..<UInt64(count)).map { OrderID(high: 1, low: first + $0) }
    }

    private static let released = Settlement.Released(order: OrderID(high: 2, low: 0), user: UserID("ann")!, sku: SKU("x")!)

    @Test func committedOrdersAreKeptAndGoOnceBySale() {
        var kept = KeptSettlements()
        #expect(kept.add(Settlement(sale: Self.sales[0], committed: Self.orders(2))).isEmpty)
        #expect(kept.add(Settlement(sale: Self.sales[1], committed: Self.orders(1, from: 7))).isEmpty)
        #expect(kept.add(Settlement(sale: Self.sales[0], committed: Self.orders(1, from: 9))).isEmpty)
        #expect(kept.count == 4)
        let due = kept.takeAll().sorted { $0.sale < $1.sale }
        #expect(due.map(\.committed) == [Self.orders(2) + Self.orders(1, from: 9), Self.orders(1, from: 7)])
        #expect(kept.count == 0 && kept.takeAll().isEmpty)
    }

    @Test func whatGivesSomethingBackGoesAtOnceAndTakesAllAlong() {
        var kept = KeptSettlements()
        _ = kept.add(Settlement(sale: Self.sales[0], committed: Self.orders(2)))
        let due = kept.add(Settlement(sale: Self.sales[1], committed: Self.orders(1), released: [Self.released]))
        #expect(due.reduce(0) { $0 + $1.committed.count } == 3)
        #expect(due.last == Settlement(sale: Self.sales[1], released: [Self.released]))
        #expect(kept.count == 0)
    }

    @Test func thereIsABound() {
        var kept = KeptSettlements()
        #expect(kept.add(Settlement(sale: Self.sales[0], committed: Self.orders(Limits.settledOrdersKeptMax - 1))).isEmpty)
        #expect(
            kept.add(Settlement(sale: Self.sales[0], committed: Self.orders(1, from: 5_000))).first?.committed.count == Limits.settledOrdersKeptMax)
        #expect(kept.count == 0)
    }

    @Test func nothingIsKeptOfAnEmptySettlement() {
        var kept = KeptSettlements()
        #expect(kept.add(Settlement(sale: Self.sales[0])).isEmpty && kept.takeAll().isEmpty)
    }
}
