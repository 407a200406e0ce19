import SaleCore
import SaleService
import Testing

@testable import PostgresLedger

@Suite struct BatchJudgeTests {
    private let item = ItemKey(sale: SaleID("demo")!, sku: SKU("phone-x")!)

    private func judge(units: Int64, limit: Int = 1, held: [HoldingKey: Int64] = [:], keys: Set<PurchaseKey> = []) -> BatchJudge {
        BatchJudge(room: [item: .init(units: units, limitPerUser: limit)], held: held, usedKeys: keys)
    }

    private func order(_ number: UInt64, user: String, quantity: Int = 1, key: String? = nil, sku: String = "phone-x") -> Reservation {
        Reservation(
            ReservationRequest(
                order: OrderID(high: number, low: 0),
                purchase: Purchase(user: UserID(user)!, sku: SKU(sku)!, quantity: quantity, key: key.flatMap { IdempotencyKey($0) })),
            of: item.sale, epoch: 1, grantedAt: Timestamp(milliseconds: 0))
    }

    @Test func theLastUnitGoesToTheOrderThatStandsFirst() {
        var judge = judge(units: 1)
        #expect(judge.judge(order(1, user: "ann")) == .commit)
        #expect(judge.judge(order(2, user: "bob")) == .reject(.noUnits, keepsKey: true))
    }

    @Test func aSmallerOrderStillFitsAfterALargerOneDidNot() {
        var judge = judge(units: 2, limit: 5)
        #expect(judge.judge(order(1, user: "ann", quantity: 3)) == .reject(.noUnits, keepsKey: true))
        #expect(judge.judge(order(2, user: "bob", quantity: 2)) == .commit)
    }

    @Test func unitsThatTheUserHoldsCountTowardsTheLimit() {
        var judge = judge(units: 9, limit: 3, held: [HoldingKey(user: UserID("ann")!, item: item): 2])
        #expect(judge.judge(order(1, user: "ann", quantity: 2)) == .reject(.conflict, keepsKey: true))
        #expect(judge.judge(order(2, user: "ann", quantity: 1)) == .commit)
    }

    @Test func ordersOfOneBatchCountTowardsTheLimit() {
        var judge = judge(units: 9)
        #expect(judge.judge(order(1, user: "ann")) == .commit)
        #expect(judge.judge(order(2, user: "ann")) == .reject(.conflict, keepsKey: true))
    }

    @Test func aKeyIsUsedOnceAndOnlyItsFirstOrderKeepsIt() {
        var judge = judge(units: 9, limit: 9)
        #expect(judge.judge(order(1, user: "ann", key: "k")) == .commit)
        #expect(judge.judge(order(2, user: "ann", key: "k")) == .reject(.conflict, keepsKey: false))
    }

    @Test func aKeyInPostgresIsUsed() {
        var judge = judge(units: 9, keys: [PurchaseKey(user: UserID("ann")!, sale: item.sale, key: IdempotencyKey("k")!)])
        #expect(judge.judge(order(1, user: "ann", key: "k")) == .reject(.conflict, keepsKey: false))
        #expect(judge.judge(order(2, user: "bob", key: "k")) == .commit)
    }

    @Test func aRejectedOrderTakesNoUnits() {
        var judge = judge(units: 1, held: [HoldingKey(user: UserID("ann")!, item: item): 1])
        #expect(judge.judge(order(1, user: "ann")) == .reject(.conflict, keepsKey: true))
        #expect(judge.judge(order(2, user: "bob")) == .commit)
    }

    @Test func anItemThatPostgresDoesNotHoldIsUnknown() {
        var judge = judge(units: 1)
        #expect(judge.judge(order(1, user: "ann", sku: "other")) == .unknownItem)
    }
}
