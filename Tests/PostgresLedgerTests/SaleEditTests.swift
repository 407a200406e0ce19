import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

@Suite struct SaleEditTests {
    private let phone = SKU("phone-x")!
    private var sale: Sale {
        Sale(
            id: SaleID("demo")!, title: "Demo", status: .open, opensAt: Timestamp(milliseconds: 1_000), closesAt: Timestamp(milliseconds: 9_000),
            payWithinMilliseconds: 900_000, version: 4, epoch: 2, provenRun: "r",
            items: [
                SaleItem(
                    sku: phone, title: "Phone", unitPrice: 100, currency: Currency("CNY")!, loaded: 10, committed: 7, limitPerUser: 1, version: 6)
            ])
    }

    private func edit(_ sale: Sale?, _ changes: SaleChange...) throws(LedgerChangeError) -> SaleEdit {
        var edit = SaleEdit(of: SaleID("demo")!, from: sale)
        for change in changes { try edit.make(change) }
        try edit.validate()
        return edit
    }

    @Test func aVersionGrowsOnceHoweverManyChangesThereAre() throws {
        let edited = try edit(
            sale, .setStatus(from: .open, to: .paused), .setOpensAt(from: sale.opensAt, to: Timestamp(milliseconds: 2_000)),
            .moveStock(phone, from: 10, to: 20), .setLimitPerUser(phone, from: 1, to: 3))
        #expect(edited.sale?.version == 5)
        #expect(edited.sale?.items[0].version == 7)
    }

    @Test func aTitleAndAPriceLeaveTheVersionsOfItems() throws {
        let edited = try edit(
            sale, .setTitle(from: "Demo", to: "Sale"), .setItemTitle(phone, from: "Phone", to: "X"),
            .setPrice(phone, from: 100, fromCurrency: Currency("CNY")!, to: 90, toCurrency: Currency("CNY")!))
        #expect(edited.sale?.version == 5)
        #expect(edited.sale?.items[0].version == 6)
        #expect(edited.sale?.items[0].unitPrice == 90)
    }

    @Test func aChangeOfAnItemGrowsTheVersionOfItsSale() throws {
        #expect(try edit(sale, .moveStock(phone, from: 10, to: 7)).sale?.version == 5)
        #expect(try edit(sale, .setItemTitle(phone, from: "Phone", to: "X")).sale?.version == 5)
    }

    @Test func stockMovesByTheDifference() throws {
        #expect(try edit(sale, .moveStock(phone, from: 10, to: 7)).loads.map(\.units) == [-3])
    }

    @Test func stockNeverGoesBelowWhatIsCommitted() {
        #expect(throws: LedgerChangeError.conflict("phone-x: stock cannot be 6, 7 units are committed")) {
            try edit(sale, .moveStock(phone, from: 10, to: 6))
        }
    }

    @Test(arguments: SaleStatus.allCases)
    func aClosedSaleKeepsItsStatus(to status: SaleStatus) {
        var closed = sale
        closed.status = .closed
        #expect(throws: LedgerChangeError.conflict("sale demo is closed, and closed is final")) {
            try edit(closed, .setStatus(from: .closed, to: status))
        }
    }

    @Test func aSaleThatMovedSinceItWasReadIsAConflict() {
        #expect(throws: LedgerChangeError.conflict("title of sale demo is Demo, not Old: it was changed meanwhile")) {
            try edit(sale, .setTitle(from: "Old", to: "New"))
        }
    }

    @Test func anItemThatMovedSinceItWasReadIsAConflict() {
        #expect(throws: LedgerChangeError.conflict("stock of phone-x in sale demo is not 9: it was changed meanwhile")) {
            try edit(sale, .moveStock(phone, from: 9, to: 12))
        }
    }

    @Test func whatIsNotThereIsNotFound() {
        #expect(throws: LedgerChangeError.notFound("no sale demo")) { try edit(nil, .setTitle(from: "a", to: "b")) }
        #expect(throws: LedgerChangeError.notFound("no item other in sale demo")) { try edit(sale, .moveStock(SKU("other")!, from: 1, to: 2)) }
    }

    @Test func nothingIsCreatedTwice() {
        #expect(throws: LedgerChangeError.conflict("sale demo exists already")) {
            try edit(sale, .create(title: "a", opensAt: sale.opensAt, closesAt: sale.closesAt, payWithinMilliseconds: 60_000))
        }
        #expect(throws: LedgerChangeError.conflict("item phone-x exists already in sale demo")) {
            try edit(
                sale, .addItem(phone, title: "a", unitPrice: 1, currency: Currency("CNY")!, stock: 1, limitPerUser: 1))
        }
    }

    @Test func aWindowMustHaveALength() {
        #expect(throws: LedgerChangeError.self) { try edit(sale, .setClosesAt(from: sale.closesAt, to: sale.opensAt)) }
    }
}
