import SaleCore
import Testing

@testable import seckill

/// What `sale show -o yaml` and `sale init` print is what `sale apply` reads.
@Suite struct SaleFileTextTests {
    private func sale(_ title: String, sku: String) -> Sale {
        Sale(
            id: SaleID("null")!, title: title, status: .open, opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 1_500),
            payWithinMilliseconds: 5_400_000, version: 7, epoch: 0, provenRun: "",
            items: [
                SaleItem(
                    sku: SKU(sku)!, title: title, unitPrice: 1, currency: Currency("CNY")!, loaded: 9, committed: 3, limitPerUser: 2, version: 1)
            ])
    }

    @Test(
        arguments: ["Phone", "say \"hi\" \\ {a: b} # no", "秒杀 📱", "a: b", "\u{85}x\u{2028}y\u{FEFF}", " padded ", "yes", "~"], ["1e3", "007", "no"])
    func whatIsPrintedIsReadAsItWas(title: String, sku: String) throws {
        let sale = sale(title, sku: sku)
        let contents = try SaleFile.contents(of: SaleFile.text(sale))
        let definition = contents.definition
        #expect(contents.version == sale.version)
        #expect(definition.sale == "null")
        #expect(definition.changes(from: sale) == [])
    }

    @Test func theTemplateCanBeApplied() throws {
        let now = Timestamp(rfc3339: "2026-11-28T01:02:03Z")!
        let contents = try SaleFile.contents(of: SaleFile.template(SaleID("autumn")!, now: now))
        let definition = contents.definition
        #expect(contents.version == nil)
        #expect(definition.sale == "autumn" && definition.items.count == 2)
        #expect(definition.opensAt == Timestamp(rfc3339: "2026-11-29T02:00:00Z"))
    }
}
