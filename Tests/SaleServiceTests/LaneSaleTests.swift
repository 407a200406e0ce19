import SaleCore
import Testing

@testable import SaleService

@Suite struct LaneSaleTests {
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

    /// Units may have come back between Redis's answer and the next look: a mark that stayed would
    /// leave them unsold.
    @Test func whatTheLaneHeardLastsUntilTheNextLook() {
        let laneSale = LaneSale(Self.snapshot(available: 1))
        #expect(laneSale.markSoldOut(Self.sku))
        #expect(!laneSale.markSoldOut(Self.sku))
        #expect(laneSale.isSoldOut(Self.sku) && laneSale.isSoldOut)
        laneSale.forgetMarks()
        #expect(!laneSale.isSoldOut(Self.sku) && !laneSale.isSoldOut)
    }

    @Test func whatTheLookFoundOutlivesTheMarks() {
        let laneSale = LaneSale(Self.snapshot(available: 0))
        #expect(!laneSale.markSoldOut(Self.sku))
        laneSale.forgetMarks()
        #expect(laneSale.isSoldOut(Self.sku))
    }

    @Test func aSuspicionIsClearedOnlyByALookThatBeganNoEarlier() {
        let laneSale = LaneSale(Self.snapshot(available: 1))
        laneSale.suspect(at: MonotonicInstant(nanoseconds: 100))
        laneSale.update(Self.snapshot(available: 1), readAt: MonotonicInstant(nanoseconds: 99))
        #expect(!laneSale.isProven)
        laneSale.update(Self.snapshot(available: 1, isProven: false), readAt: MonotonicInstant(nanoseconds: 100))
        #expect(!laneSale.isProven)
        laneSale.update(Self.snapshot(available: 1), readAt: MonotonicInstant(nanoseconds: 100))
        #expect(laneSale.isProven)
    }
}
