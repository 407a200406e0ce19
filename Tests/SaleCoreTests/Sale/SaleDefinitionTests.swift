import SaleCore
import Testing

@Suite struct SaleDefinitionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields: [String]
        var change: @Sendable (inout SaleDefinition) -> Void

        init(_ name: String, _ fields: [String], _ change: @escaping @Sendable (inout SaleDefinition) -> Void) {
            self.testDescription = name
            self.fields = fields
            self.change = change
        }
    }

    static let broken: [Row] = [
        Row("sale outside the grammar", ["sale"]) { $0.sale = "Demo!" },
        Row("a sale that is a dot segment", ["sale"]) { $0.sale = ".." },
        Row("empty title", ["title"]) { $0.title = "" },
        Row("title of 201 bytes", ["title"]) { $0.title = String(repeating: "é", count: 100) + "x" },
        Row("title with a control character", ["title"]) { $0.title = "a\u{1B}[31m" },
        Row("closes when it opens", ["closes_at"]) { $0.closesAt = $0.opensAt },
        Row("closes before it opens", ["closes_at"]) { $0.closesAt = $0.opensAt.advanced(milliseconds: -1) },
        Row("a payment time below a second", ["pay_within"]) { $0.payWithinMilliseconds = 999 },
        Row("a payment time above 30 days", ["pay_within"]) { $0.payWithinMilliseconds = 2_592_000_001 },
        Row("no item", ["items"]) { $0.items = [] },
        Row("too many items", ["items"]) { $0.items = (0...SaleDefinition.itemsMax).map { .sample("sku-\($0)") } },
        Row("sku outside the grammar", ["items[1].sku"]) { $0.items[1].sku = "Phone Y" },
        Row("sku that begins with a hyphen", ["items[1].sku"]) { $0.items[1].sku = "-x" },
        Row("sku named twice", ["items[1].sku"]) { $0.items[1].sku = "phone-x" },
        Row("empty item title", ["items[0].title"]) { $0.items[0].title = "" },
        Row("item title of 201 bytes", ["items[0].title"]) { $0.items[0].title = String(repeating: "x", count: 201) },
        Row("item title with a line break", ["items[0].title"]) { $0.items[0].title = "a\nb" },
        Row("negative price", ["items[0].unit_price"]) { $0.items[0].unitPrice = -1 },
        Row("price too high", ["items[0].unit_price"]) { $0.items[0].unitPrice = 1_000_000_000_001 },
        Row("small currency", ["items[1].currency"]) { $0.items[1].currency = "cny" },
        Row("negative stock", ["items[0].stock"]) { $0.items[0].stock = -1 },
        Row("stock too high", ["items[0].stock"]) { $0.items[0].stock = 1_000_000_001 },
        Row("no unit per user", ["items[0].limit_per_user"]) { $0.items[0].limitPerUser = 0 },
        Row("limit too high", ["items[0].limit_per_user"]) { $0.items[0].limitPerUser = 1_001 },
        Row("several at once, in the order of the file", ["sale", "closes_at", "items[0].stock", "items[1].sku", "items[1].currency"]) {
            $0.sale = ""
            $0.closesAt = $0.opensAt
            $0.items[0].stock = -1
            $0.items[1].sku = ""
            $0.items[1].currency = ""
        },
    ]

    static let sound: [Row] = [
        Row("the sample", []) { _ in },
        Row("one second to pay", []) { $0.payWithinMilliseconds = 1_000 },
        Row("thirty days to pay", []) { $0.payWithinMilliseconds = 2_592_000_000 },
        Row("title of 200 bytes", []) { $0.title = String(repeating: "é", count: 100) },
        Row("nothing on stock, for free", []) {
            $0.items[0].stock = 0
            $0.items[0].unitPrice = 0
        },
        Row("the largest numbers", []) {
            $0.items[0].stock = 1_000_000_000
            $0.items[0].unitPrice = 1_000_000_000_000
            $0.items[0].limitPerUser = 1_000
        },
        Row("the most items", []) { $0.items = (0..<SaleDefinition.itemsMax).map { .sample("sku-\($0)") } },
    ]

    @Test(arguments: broken)
    func violationNamesItsField(row: Row) {
        var definition = SaleDefinition.sample
        row.change(&definition)
        #expect(definition.violations.map(\.field) == row.fields)
    }

    @Test(arguments: sound)
    func boundariesAreAllowed(row: Row) {
        var definition = SaleDefinition.sample
        row.change(&definition)
        #expect(definition.violations.isEmpty)
    }

    @Test func violationNamesTheLineOfItsItem() {
        var item = SaleDefinition.Item.sample("phone-x", line: 7)
        item.stock = -5
        let found = SaleDefinition.violations(of: [item])
        #expect(found.map(\.line) == [7])
        #expect(found.first?.description == "line 7: items[0].stock: must be between 0 and 1000000000, not -5")
    }

    @Test func duplicateNamesTheFirstUse() {
        let found = SaleDefinition.violations(of: [.sample("a"), .sample("b"), .sample("a"), .sample("a")])
        #expect(found.map(\.description) == ["items[2].sku: \"a\" is already items[0]", "items[3].sku: \"a\" is already items[0]"])
    }
}
