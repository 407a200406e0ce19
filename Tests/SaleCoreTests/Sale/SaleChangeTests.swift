import SaleCore
import Testing

@Suite struct SaleChangeTests {
    @Test func newSaleIsCreatedWithItsItems() {
        let changes = SaleDefinition.sample.changes(from: nil)
        #expect(
            changes == [
                .create(
                    title: "Demo", opensAt: Timestamp(milliseconds: 0), closesAt: Timestamp(milliseconds: 1), payWithinMilliseconds: 900_000),
                .addItem(SKU("phone-x")!, title: "Phone", unitPrice: 399_900, currency: Currency("CNY")!, stock: 1_000, limitPerUser: 1),
                .addItem(SKU("phone-y")!, title: "Phone", unitPrice: 399_900, currency: Currency("CNY")!, stock: 1_000, limitPerUser: 1),
            ])
    }

    @Test func eachDifferenceIsOneChangeWithBothSides() throws {
        let old = try #require(Self.applied(SaleDefinition.sample.changes(from: nil), to: nil))
        var definition = SaleDefinition.sample
        definition.title = "Autumn"
        definition.opensAt = Timestamp(milliseconds: 10)
        definition.closesAt = Timestamp(milliseconds: 20)
        definition.payWithinMilliseconds = 60_000
        definition.items[0].title = "Phone X"
        definition.items[0].unitPrice = 1
        definition.items[0].limitPerUser = 2
        definition.items[0].stock = 900
        definition.items[1].currency = "EUR"
        let x = SKU("phone-x")!
        let cny = Currency("CNY")!
        #expect(
            definition.changes(from: old) == [
                .setTitle(from: "Demo", to: "Autumn"),
                .setOpensAt(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 10)),
                .setClosesAt(from: Timestamp(milliseconds: 1), to: Timestamp(milliseconds: 20)),
                .setPayWithin(fromMilliseconds: 900_000, toMilliseconds: 60_000),
                .setItemTitle(x, from: "Phone", to: "Phone X"),
                .setPrice(x, from: 399_900, fromCurrency: cny, to: 1, toCurrency: cny),
                .setLimitPerUser(x, from: 1, to: 2),
                .moveStock(x, from: 1_000, to: 900),
                .setPrice(SKU("phone-y")!, from: 399_900, fromCurrency: cny, to: 399_900, toCurrency: Currency("EUR")!),
            ])
    }

    @Test func stockOfItemsThatExistIsLeftAloneUnlessItIsToBeSet() throws {
        var old = try #require(Self.applied(SaleDefinition.sample.changes(from: nil), to: nil))
        old.items[0].loaded = 1_300
        var definition = SaleDefinition.sample
        definition.title = "Autumn"
        definition.items.append(.sample("phone-z"))
        let (title, z) = (SaleChange.setTitle(from: "Demo", to: "Autumn"), SKU("phone-z")!)
        let added = SaleChange.addItem(z, title: "Phone", unitPrice: 399_900, currency: Currency("CNY")!, stock: 1_000, limitPerUser: 1)
        #expect(
            definition.difference(from: old, stock: .keep)
                == SaleDifference(changes: [title, added], stockLeft: [StockLeft(sku: SKU("phone-x")!, defined: 1_000, loaded: 1_300)]))
        #expect(
            definition.difference(from: old, stock: .set)
                == SaleDifference(changes: [title, .moveStock(SKU("phone-x")!, from: 1_300, to: 1_000), added]))
        #expect(definition.difference(from: nil, stock: .keep) == SaleDifference(changes: definition.changes(from: nil)))
    }

    @Test func itemThatIsNotNamedStays() throws {
        let old = try #require(Self.applied(SaleDefinition.sample.changes(from: nil), to: nil))
        var definition = SaleDefinition.sample
        definition.items.removeFirst()
        #expect(definition.changes(from: old).isEmpty)
    }

    @Test func statusIsNotTheDefinitionsBusiness() throws {
        var old = try #require(Self.applied(SaleDefinition.sample.changes(from: nil), to: nil))
        old.status = .paused
        #expect(SaleDefinition.sample.changes(from: old).isEmpty)
    }

    /// From any sale to any definition: the changes lead there, and nothing is left to change.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func secondApplicationIsEmpty(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let first = Self.randomDefinition(using: &random)
        let second = Self.randomDefinition(using: &random)
        try #require(first.violations.isEmpty && second.violations.isEmpty)
        let created = try #require(Self.applied(first.changes(from: nil), to: nil))
        #expect(first.changes(from: created).isEmpty)
        let changed = try #require(Self.applied(second.changes(from: created), to: created))
        #expect(second.changes(from: changed).isEmpty)
        #expect(Set(changed.items.map(\.sku)) == Set((first.items + second.items).compactMap { SKU($0.sku) }))
    }

    private static func randomDefinition(using random: inout SeededGenerator) -> SaleDefinition {
        let skus = ["a", "b", "c", "d"].filter { _ in Bool.random(using: &random) }
        let opensAt = Int64.random(in: 0...2, using: &random)
        return SaleDefinition(
            sale: "demo", title: ["One", "Two"].randomElement(using: &random)!, opensAt: Timestamp(milliseconds: opensAt),
            closesAt: Timestamp(milliseconds: .random(in: 3...5, using: &random)),
            payWithinMilliseconds: .random(in: 60_000...60_001, using: &random),
            items: (skus.isEmpty ? ["a"] : skus).map { sku in
                SaleDefinition.Item(
                    sku: sku, title: ["A", "B"].randomElement(using: &random)!, unitPrice: .random(in: 0...2, using: &random),
                    currency: ["CNY", "EUR"].randomElement(using: &random)!, stock: .random(in: 0...2, using: &random),
                    limitPerUser: .random(in: 1...2, using: &random))
            })
    }

    /// The ledger's part, in memory. `nil` when a change's `from` is not what the sale holds.
    private static func applied(_ changes: [SaleChange], to current: Sale?) -> Sale? {
        var sale = current ?? .sample()
        for change in changes {
            guard apply(change, to: &sale) else { return nil }
        }
        return sale
    }

    private static func apply(_ change: SaleChange, to sale: inout Sale) -> Bool {
        func replace<Value: Equatable>(_ value: inout Value, _ from: Value, _ to: Value) -> Bool {
            guard value == from, from != to else { return false }
            value = to
            return true
        }
        func item(_ sku: SKU, _ body: (inout SaleItem) -> Bool) -> Bool {
            guard let index = sale.items.firstIndex(where: { $0.sku == sku }) else { return false }
            return body(&sale.items[index])
        }
        switch change {
        case .create(let title, let opensAt, let closesAt, let payWithin):
            sale.title = title
            sale.opensAt = opensAt
            sale.closesAt = closesAt
            sale.payWithinMilliseconds = payWithin
            return sale.items.isEmpty
        case .setTitle(let from, let to): return replace(&sale.title, from, to)
        case .setOpensAt(let from, let to): return replace(&sale.opensAt, from, to)
        case .setClosesAt(let from, let to): return replace(&sale.closesAt, from, to)
        case .setPayWithin(let from, let to): return replace(&sale.payWithinMilliseconds, from, to)
        case .setStatus: return false
        case .addItem(let sku, let title, let unitPrice, let currency, let stock, let limit):
            sale.items.append(
                SaleItem(
                    sku: sku, title: title, unitPrice: unitPrice, currency: currency, loaded: stock, committed: 0, limitPerUser: limit,
                    version: 1))
            return sale.items.filter { $0.sku == sku }.count == 1
        case .setItemTitle(let sku, let from, let to): return item(sku) { replace(&$0.title, from, to) }
        case .setPrice(let sku, let from, let fromCurrency, let to, let toCurrency):
            return item(sku) {
                guard $0.unitPrice == from, $0.currency == fromCurrency else { return false }
                $0.unitPrice = to
                $0.currency = toCurrency
                return true
            }
        case .setLimitPerUser(let sku, let from, let to): return item(sku) { replace(&$0.limitPerUser, from, to) }
        case .moveStock(let sku, let from, let to): return item(sku) { replace(&$0.loaded, from, to) }
        }
    }
}
