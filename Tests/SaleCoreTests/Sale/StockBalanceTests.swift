import SaleCore
import Testing

@Suite struct StockBalanceTests {
    static let balanced = StockBalance(
        sale: SaleID("demo")!, sku: SKU("phone-x")!, loaded: 100, committed: 60, inLiveOrders: 60, available: 30, inFlight: 10,
        limitPerUser: 1, usersOverLimit: 0)

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var breaches: [StockBalance.Breach]
        var change: @Sendable (inout StockBalance) -> Void

        init(_ name: String, _ breaches: [StockBalance.Breach], _ change: @escaping @Sendable (inout StockBalance) -> Void) {
            self.testDescription = name
            self.breaches = breaches
            self.change = change
        }
    }

    static let rows: [Row] = [
        Row("balanced", []) { _ in },
        Row("everything sold", []) {
            $0.available = 0
            $0.inFlight = 0
            $0.committed = 100
            $0.inLiveOrders = 100
        },
        Row("a unit that nobody has", [.leaked(1)]) { $0.available = 29 },
        Row("a unit that does not exist", [.minted(1)]) { $0.available = 31 },
        Row("counter behind the orders", [.miscounted(counter: 59, orders: 60)]) { $0.committed = 59 },
        Row("more orders than units", [.oversold(by: 1), .minted(1)]) {
            $0.committed = 101
            $0.inLiveOrders = 101
            $0.available = 0
            $0.inFlight = 0
        },
        Row("not in Redis", [.notLoaded]) { $0.available = nil },
        Row("users over their limit", [.limitExceeded(users: 2)]) { $0.usersOverLimit = 2 },
    ]

    @Test(arguments: rows)
    func breachesAreThoseOfTheBooks(row: Row) {
        var balance = Self.balanced
        row.change(&balance)
        #expect(balance.breaches == row.breaches)
    }

    /// Moving units between available, in flight and live orders keeps the books balanced; one unit
    /// lost or invented never does.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func booksBalanceExactlyWhenEveryUnitIsSomewhere(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let available = Int64.random(in: 0...100, using: &random)
        let inFlight = Int64.random(in: 0...100, using: &random)
        let live = Int64.random(in: 0...100, using: &random)
        var balance = StockBalance(
            sale: SaleID("demo")!, sku: SKU("phone-x")!, loaded: available + inFlight + live, committed: live, inLiveOrders: live,
            available: available, inFlight: inFlight, limitPerUser: 1, usersOverLimit: 0)
        #expect(balance.breaches.isEmpty)
        balance.inFlight += 1
        #expect(balance.breaches == [.minted(1)])
        balance.loaded += 2
        #expect(balance.breaches == [.leaked(1)])
    }

    @Test func breachSaysWhichInvariantAndByHowMuch() {
        #expect(StockBalance.Breach.oversold(by: 3).description == "I1 oversold by 3")
        #expect(StockBalance.Breach.leaked(2).description == "I4 2 units leaked")
    }
}
