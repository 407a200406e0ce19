import SaleCore
import Testing

@testable import SaleService

@Suite struct SaleCounterTests {
    private static let sku = SKU("x")!

    private static func snapshot(available: Int64, isProven: Bool = true) -> SaleSnapshot {
        let item = SaleItem(
            sku: sku, title: "", unitPrice: 1, currency: Currency("CNY")!, loaded: 9, committed: 0, limitPerUser: 1, version: 1)
        let sale = Sale(
            id: SaleID("s")!, title: "", status: .open, opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 9),
            payWithinMilliseconds: 1, version: 1, epoch: 1, provenRun: "run", items: [item])
        let reading = StockReading.Item(available: available, loaded: 9, stockVersion: 1)
        return SaleSnapshot(sale: sale, stock: [sku: reading], isProven: isProven)
    }

    /// Units may have come back between Redis's answer and the next look: a mark that stayed would leave them unsold.
    @Test func whatTheLaneHeardLastsUntilTheNextLook() {
        let counter = SaleCounter(Self.snapshot(available: 1))
        #expect(counter.markSoldOut(Self.sku))
        #expect(!counter.markSoldOut(Self.sku))
        #expect(counter.isSoldOut(Self.sku) && counter.isSoldOut)
        counter.forgetMarks()
        #expect(!counter.isSoldOut(Self.sku) && !counter.isSoldOut)
    }

    @Test func whatTheLookFoundOutlivesTheMarks() {
        let counter = SaleCounter(Self.snapshot(available: 0))
        #expect(!counter.markSoldOut(Self.sku))
        counter.forgetMarks()
        #expect(counter.isSoldOut(Self.sku))
    }

    @Test func aSuspicionIsClearedOnlyByALookThatBeganNoEarlier() {
        let counter = SaleCounter(Self.snapshot(available: 1))
        counter.suspect(at: 100)
        counter.update(Self.snapshot(available: 1), readAt: 99)
        #expect(!counter.isProven)
        counter.update(Self.snapshot(available: 1, isProven: false), readAt: 100)
        #expect(!counter.isProven)
        counter.update(Self.snapshot(available: 1), readAt: 100)
        #expect(counter.isProven)
    }
}
