import SaleCore
import SaleService
import Testing

@testable import OperatorAPI

@Suite struct LedgerCursorTests {
    @Test func `a cursor is read as it was written`() {
        let position = LedgerPosition(sku: SKU("lamp")!, id: 7, loaded: 100, committed: -3)
        #expect(LedgerPosition(cursor: position.cursor) == position)
    }

    /// Sums go on from what it says: a balance near the end of the numbers would end the process.
    @Test(arguments: [
        "", "lamp", "lamp~1~2", "lamp~1~2~3~4", "lamp~x~2~3", "A b~1~2~3", "lamp~1~9223372036854775807~0", "lamp~1~0~-9223372036854775808",
        "lamp~1~9007199254740993~0", "lamp~9223372036854775808~0~0",
    ])
    func `what no ledger says is no cursor`(text: String) {
        #expect(LedgerPosition(cursor: text) == nil)
    }

    @Test func `the greatest balance is one`() {
        #expect(LedgerPosition(cursor: "lamp~1~9007199254740992~-9007199254740992") != nil)
    }
}
