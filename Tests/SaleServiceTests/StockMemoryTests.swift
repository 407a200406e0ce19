import SaleCore
import Testing

@testable import SaleService

@Suite struct StockMemoryTests {
    private static let id = SaleID("demo")!

    private func snapshot(available: Int64, isProven: Bool = true, isLogEmpty: Bool = true) -> SaleSnapshot {
        let sku = SKU("phone-x")!
        let item = SaleItem(
            sku: sku, title: "Phone X", unitPrice: 1, currency: Currency("CNY")!, loaded: 10, committed: 0, limitPerUser: 1, version: 1)
        let sale = Sale(
            id: Self.id, title: "Demo", status: .open, opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 1_000_000),
            payWithinMilliseconds: 1_000, version: 1, epoch: 1, provenRun: "run", items: [item])
        return SaleSnapshot(
            SaleTerms(sale), stock: [sku: StockReading.Item(available: available, loaded: 10, stockVersion: 1)], soldOut: [], isProven: isProven,
            isLogEmpty: isLogEmpty)
    }

    private func totals(committed: Int64, moves: Int64 = 0) -> [SaleID: StockTotals] {
        [Self.id: StockTotals(loaded: 10, committed: committed, moves: moves)]
    }

    /// What a second count says that finds the same as the first.
    private func missing(_ sale: SaleSnapshot, _ totals: [SaleID: StockTotals]) -> Int64? {
        var memory = StockMemory()
        _ = memory.compare([sale], totals)
        return memory.compare([sale], totals).first?.missing
    }

    @Test(arguments: [(7, 3, 0), (5, 3, 2), (8, 3, -1)] as [(Int64, Int64, Int64)])
    func whatNeitherStoreHasIsMissing(available: Int64, committed: Int64, units: Int64) {
        #expect(missing(snapshot(available: available), totals(committed: committed)) == units)
    }

    @Test func nothingIsSaidWhileSomethingIsUnderWay() {
        #expect(missing(snapshot(available: 5, isLogEmpty: false), totals(committed: 3)) == nil)
        #expect(missing(snapshot(available: 5), totals(committed: 3, moves: 1)) == nil)
        #expect(missing(snapshot(available: 5, isProven: false), totals(committed: 3)) == nil)
    }

    /// The stores are read at different instants.
    @Test func nothingIsSaidUntilBothStoodStill() {
        var memory = StockMemory()
        let sale = snapshot(available: 5)
        #expect(memory.compare([sale], totals(committed: 3)).first?.missing == nil)
        #expect(memory.compare([sale], totals(committed: 4)).first?.missing == nil)
        #expect(memory.compare([snapshot(available: 5)], totals(committed: 4)).first?.missing == nil)
        #expect(memory.compare([sale], totals(committed: 4)).first?.missing == nil)
        #expect(memory.compare([sale], totals(committed: 4)).first?.missing == 1)
    }

    @Test func aSaleThatOneStoreDoesNotKnowHasNoFigures() {
        var memory = StockMemory()
        #expect(memory.compare([snapshot(available: 5)], [:]).isEmpty)
    }
}
