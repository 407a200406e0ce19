import SaleCore
import SaleService
import Testing

@testable import RedisStock

/// Members and scores of the record, as ZRANGEBYSCORE tells them.
@Suite struct ChangeRecordFormTests {
    private static func changes(_ pairs: [(String, String)], since position: ChangePosition?) -> StockChanges? {
        ChangeRecord.changes(from: pairs.flatMap { [.bytes(Array($0.utf8)), .bytes(Array($1.utf8))] }, since: position)
    }

    private static let demo = "seckill:{demo:0}:sale"
    private static let position = ChangePosition(record: "@1.2", count: 3)

    @Test func salesAndItemsAreToldApart() {
        let changes = Self.changes(
            [("seckill:{other:0}:sale x", "3"), (Self.demo, "4"), ("\(Self.demo) y", "5"), ("#", "6"), ("@1.2", "inf")], since: Self.position)
        #expect(
            changes
                == StockChanges(
                    position: ChangePosition(record: "@1.2", count: 6), isComplete: true,
                    items: [SaleID("other")!: [SKU("x")!], SaleID("demo")!: nil as Set<SKU>?]))
    }

    @Test func whatNobodyOfOursWroteIsPassedOver() {
        let changes = Self.changes(
            [
                ("", "3"), ("x", "3"), ("seckill:{demo:0}:stock x", "3"), ("\(Self.demo) x y", "3"), ("\(Self.demo) É", "4"), ("#", "6"),
                ("@1.2", "inf"),
            ], since: Self.position)
        #expect(changes?.items.isEmpty == true)
        #expect(changes?.isComplete == true)
    }

    @Test(arguments: [
        [("@1.2", "inf")], [("#", "6")], [("#", "6"), ("@9.9", "inf")], [("#", "6"), ("@1.2", "inf"), ("@9.9", "inf")],
        [("#", "x"), ("@1.2", "inf")], [],
    ])
    func aRecordThatIsNotTheOneThatWasReadIsIncomplete(pairs: [(String, String)]) {
        #expect(Self.changes(pairs, since: Self.position)?.isComplete == false)
    }

    @Test func theFirstReadingIsIncompleteAndHasAPosition() {
        let changes = Self.changes([("#", "6"), ("@1.2", "inf")], since: nil)
        #expect(changes == StockChanges(position: ChangePosition(record: "@1.2", count: 6), isComplete: false, items: [:]))
    }
}
