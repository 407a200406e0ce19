import SaleCore
import Testing

@testable import SaleService

/// What a look reads, and what it tells.
@Suite struct CatalogMemoryTests {
    private static let run = "run-a"
    private static let now = Timestamp(milliseconds: 1_000_000_000_000)
    private static let quiet = StockChanges(position: ChangePosition(record: "@1", count: 5), isComplete: true, items: [:])

    private static func sale(_ name: String, skus: Int = 1, loaded: Int64 = 9, closesIn: Int64 = 3_600_000, epoch: Epoch = 1) -> Sale {
        Sale(
            id: SaleID(name)!, title: "", status: .open, opensAt: now.advanced(milliseconds: -1), closesAt: now.advanced(milliseconds: closesIn),
            payWithinMilliseconds: 1, version: 1, epoch: epoch, provenRun: run,
            items: (0..<skus).map {
                SaleItem(sku: sku($0), title: "", unitPrice: 1, currency: Currency("CNY")!, loaded: loaded, committed: 0, limitPerUser: 1, version: 1)
            })
    }

    private static func sku(_ index: Int) -> SKU { SKU("sku-\(index)")! }

    /// Redis's books of `sale`, but for the units of some items.
    private static func reading(_ sale: Sale, _ units: [Int: Int64] = [:], only skus: [SKU]? = nil) -> StockReading {
        var items: [SKU: StockReading.Item] = [:]
        for (index, item) in sale.items.enumerated() where skus?.contains(item.sku) != false {
            items[item.sku] = StockReading.Item(available: units[index] ?? item.loaded, loaded: item.loaded, stockVersion: 1)
        }
        return StockReading(epoch: sale.epoch, isProven: true, saleVersion: sale.version, items: items)
    }

    private static func changes(_ items: [SaleID: Set<SKU>?]) -> StockChanges {
        StockChanges(position: ChangePosition(record: "@1", count: 6), isComplete: true, items: items)
    }

    /// A memory that has read `sales` once and found them sound.
    private static func settled(_ sales: [Sale]) -> CatalogMemory {
        var memory = CatalogMemory()
        memory.told(SaleNews(position: 1, sales: sales, isWhole: true))
        memory.answers(run: run)
        let first = memory.questions(about: StockChanges(position: quiet.position, isComplete: false, items: [:]), [], at: now)
        #expect(Set(first.map(\.sale)) == Set(sales.map(\.id)))
        for question in first {
            memory.answered(question, .success(reading(sales.first { $0.id == question.sale }!, only: question.skus)))
        }
        #expect(memory.doubtful.isEmpty)
        _ = memory.takeChanges(and: [])
        return memory
    }

    @Test(arguments: [10, 1_000]) func whereNothingChangedALookReadsTheSameFewSalesHoweverManyThereAre(count: Int) {
        var memory = Self.settled((0..<count).map { Self.sale("s\($0)") })
        #expect(memory.questions(about: Self.quiet, [], at: Self.now).count == Limits.lookSalesInTurnMax)
        #expect(memory.takeChanges(and: []).changed.isEmpty)
    }

    @Test func everySaleAndEveryItemHasItsTurn() {
        let sales = (0..<20).map { Self.sale("s\($0)", skus: $0 == 7 ? 1_000 : 2) }
        var memory = Self.settled(sales)
        var seen: [SaleID: Set<SKU>] = [:]
        for _ in 0..<60 {
            for question in memory.questions(about: Self.quiet, [], at: Self.now) {
                let sale = sales.first { $0.id == question.sale }!
                seen[sale.id, default: []].formUnion(question.skus ?? sale.items.map(\.sku))
                #expect(question.skus?.count ?? sale.items.count <= Limits.lookItemsInTurnMax)
            }
        }
        #expect(sales.allSatisfy { seen[$0.id]?.count == $0.items.count })
    }

    @Test func ofAChangedItemOnlyItsOwnStockIsRead() {
        let sale = Self.sale("large", skus: 10_000)
        var memory = Self.settled([sale])
        let changed: Set = [Self.sku(9_000), Self.sku(9_001)]
        let questions = memory.questions(about: Self.changes([sale.id: changed]), [], at: Self.now)
        #expect(questions.count == 1)
        let asked = Set(questions.first?.skus ?? [])
        #expect(asked.isSuperset(of: changed))
        #expect(asked.count <= changed.count + Limits.lookItemsInTurnMax)
        memory.answered(questions[0], .success(Self.reading(sale, [9_000: 3], only: questions[0].skus)))
        #expect(memory.sales[sale.id]?.stock?[Self.sku(9_000)]?.available == 3)
        #expect(memory.sales[sale.id]?.stock?[Self.sku(1)]?.available == 9)
        #expect(memory.sales[sale.id]?.stock?.count == 10_000)
    }

    @Test func aLaneHearsOfAnItemThatSellsOutAndNotOfUnitsThatAreSold() {
        let sale = Self.sale("s")
        var memory = Self.settled([sale])
        func look(_ units: Int64) -> [SaleSnapshot] {
            for question in memory.questions(about: Self.changes([sale.id: [Self.sku(0)]]), [], at: Self.now) {
                memory.answered(question, .success(Self.reading(sale, [0: units], only: question.skus)))
            }
            return memory.takeChanges(and: []).changed
        }
        #expect(look(4).isEmpty)
        #expect(memory.sales[sale.id]?.stock?[Self.sku(0)]?.available == 4)
        #expect(look(0).map(\.isSoldOut) == [true])
        #expect(look(0).isEmpty)
        #expect(look(2).map(\.isSoldOut) == [false])
    }

    @Test func aSuspectedSaleIsReadInFullAndToldAlthoughNothingChanged() {
        let sale = Self.sale("s", skus: 200)
        var memory = Self.settled([sale])
        let questions = memory.questions(about: Self.quiet, [sale.id], at: Self.now)
        #expect(questions == [StockQuestion(sale: sale.id)])
        memory.answered(questions[0], .success(Self.reading(sale)))
        #expect(memory.takeChanges(and: [sale.id]).changed.map(\.isProven) == [true])
    }

    @Test func whatCouldNotBeReadIsNotProvenAndReadAgain() {
        let sale = Self.sale("s", skus: 200)
        var memory = Self.settled([sale])
        let question = StockQuestion(sale: sale.id, skus: [Self.sku(3)])
        memory.answered(question, .failure(.outcomeUnknown(reason: "")))
        #expect(memory.unproven == [sale.id])
        #expect(memory.unsound.isEmpty)
        #expect(memory.takeChanges(and: []).changed.map(\.isProven) == [false])
        #expect(memory.questions(about: Self.quiet, [], at: Self.now) == [StockQuestion(sale: sale.id)])
    }

    @Test(arguments: [nil, [SKU("sku-3")!]]) func aSaleThatRedisDoesNotHoldIsRepaired(skus: [SKU]?) {
        let sale = Self.sale("s", skus: 200)
        var memory = Self.settled([sale])
        memory.answered(StockQuestion(sale: sale.id, skus: skus), .success(nil))
        #expect(memory.unsound.unproven == [sale.id])
        #expect(memory.unseen == [sale.id])
    }

    /// Proven still, so that it sells on, but Redis must hear of what operators changed.
    @Test func anItemThatRedisHasNotHeardOfIsRepairedWhileTheSaleSells() {
        let sale = Self.sale("s", skus: 200)
        var memory = Self.settled([sale])
        var reading = Self.reading(sale, only: [Self.sku(3)])
        reading.items[Self.sku(3)]?.loaded = 8
        memory.answered(StockQuestion(sale: sale.id, skus: [Self.sku(3)]), .success(reading))
        #expect(memory.unsound.behind == [sale.id])
        #expect(memory.unproven.isEmpty)
    }

    @Test func anotherEpochOfPostgresIsReadAtOnceAndNotBelievedBefore() {
        let sale = Self.sale("s")
        var memory = Self.settled([sale])
        let next = Self.sale("s", epoch: 2)
        memory.told(SaleNews(position: 2, sales: [next], isWhole: false))
        let questions = memory.questions(about: Self.quiet, [], at: Self.now)
        #expect(questions == [StockQuestion(sale: sale.id)])
        memory.answered(questions[0], .success(Self.reading(sale)))
        #expect(memory.takeChanges(and: []).changed.map(\.isProven) == [false])
        #expect(memory.unsound.unproven == [sale.id])
    }

    @Test(arguments: [true, false]) func anotherRedisOrALostRecordMeansThatEverythingIsRead(isAnother: Bool) {
        let sales = (0..<50).map { Self.sale("s\($0)") }
        var memory = Self.settled(sales)
        if isAnother { memory.answers(run: "run-b") }
        #expect(isAnother == (memory.position == nil))
        var changes = Self.quiet
        if !isAnother { changes.isComplete = false }
        #expect(Set(memory.questions(about: changes, [], at: Self.now)) == Set(sales.map { StockQuestion(sale: $0.id) }))
    }

    @Test func whileRedisDoesNotAnswerNothingIsProvenAndNothingAsked() {
        let sales = (0..<5).map { Self.sale("s\($0)") }
        var memory = Self.settled(sales)
        memory.answers(run: nil)
        #expect(memory.questions(about: Self.quiet, [], at: Self.now).isEmpty)
        #expect(memory.takeChanges(and: []).changed.allSatisfy { !$0.isProven && $0.stock == nil })
        #expect(memory.unproven.count == 5)
        #expect(memory.provenCount == 0)
        #expect(memory.unsound.isEmpty)
    }

    @Test func aSaleThatIsOverIsReadNoMoreUntilSomethingChanges() {
        let sales = [Self.sale("over", closesIn: 0), Self.sale("open")]
        var memory = Self.settled(sales)
        #expect(memory.questions(about: Self.quiet, [], at: Self.now).map(\.sale) == [SaleID("open")!])
        #expect(memory.questions(about: Self.changes([SaleID("over")!: nil]), [], at: Self.now).map(\.sale.rawValue) == ["open", "over"])
    }

    @Test func aSaleThatIsLongOverIsForgottenOnceAndNothingOfItRead() {
        let sale = Self.sale("s")
        var memory = Self.settled([sale])
        let later = sale.closesAt.advanced(milliseconds: 86_400_000)
        #expect(memory.forget(at: later.advanced(milliseconds: -1)).isEmpty)
        #expect(memory.forget(at: later).map(\.id) == [sale.id])
        #expect(memory.forget(at: later).isEmpty)
        #expect(memory.questions(about: Self.changes([sale.id: nil]), [sale.id], at: later).isEmpty)
        #expect(memory.unproven.isEmpty)
        #expect(memory.forgotten(among: Self.changes([sale.id: nil])).map(\.id) == [sale.id])
        #expect(memory.takeChanges(and: []).changed.map(\.isProven) == [false])
    }

    @Test func aSaleThatPostgresNoLongerHasIsRemoved() {
        var memory = Self.settled([Self.sale("a"), Self.sale("b")])
        memory.told(SaleNews(position: 2, sales: [Self.sale("a")], isWhole: true))
        #expect(memory.takeChanges(and: []).removed == [SaleID("b")!])
        #expect(memory.sales.keys.map(\.rawValue) == ["a"])
        #expect(memory.questions(about: Self.quiet, [], at: Self.now).map(\.sale.rawValue) == ["a"])
    }

    @Test func whatPostgresSaysAgainMakesNoNewTerms() {
        let sale = Self.sale("s")
        var memory = Self.settled([sale])
        let terms = memory.sales[sale.id]?.terms
        memory.told(SaleNews(position: 2, sales: [sale], isWhole: true))
        #expect(memory.sales[sale.id]?.terms === terms)
        #expect(memory.doubtful.isEmpty)
    }
}
