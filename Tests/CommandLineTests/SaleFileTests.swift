import SaleCore
import Testing

@testable import seckill

@Suite struct SaleFileTests {
    static let lines = [
        "sale: demo",
        "title: Autumn flash sale",
        "opens_at: 2026-01-01T00:00:00Z",
        "closes_at: 2036-01-01T08:00:00+08:00",
        "pay_within: 1h30m",
        "items:",
        "  - { sku: phone-x, title: Phone X, unit_price: 399900, currency: CNY, stock: 1000, limit_per_user: 1 }",
        "  - sku: \"007\"",
        "    title: 2026",
        "    unit_price: 0",
        "    currency: EUR",
        "    stock: 5",
        "    limit_per_user: 3",
    ]

    @Test func everyFieldIsRead() throws {
        let sale = try SaleFile.read(Self.lines.joined(separator: "\n"))
        let expected = SaleDefinition(
            sale: "demo", title: "Autumn flash sale",
            opensAt: try #require(Timestamp(rfc3339: "2026-01-01T00:00:00Z")),
            closesAt: try #require(Timestamp(rfc3339: "2036-01-01T00:00:00Z")),
            payWithinMilliseconds: 5_400_000,
            items: [
                .init(sku: "phone-x", title: "Phone X", unitPrice: 399_900, currency: "CNY", stock: 1_000, limitPerUser: 1, line: 7),
                .init(sku: "007", title: "2026", unitPrice: 0, currency: "EUR", stock: 5, limitPerUser: 3, line: 8),
            ])
        #expect(sale == expected)
    }

    /// As Windows editors save it.
    @Test(arguments: ["\n", "\r\n"], [true, false])
    func aByteOrderMarkAndLineEndsOfEitherKindAreRead(lineEnd: String, hasMark: Bool) throws {
        let bytes = (hasMark ? [0xEF, 0xBB, 0xBF] : []) + Array(Self.lines.joined(separator: lineEnd).utf8)
        #expect(try SaleFile.read(bytes) == SaleFile.read(Self.lines.joined(separator: "\n")))
    }

    @Test func whatIsNotUTF8IsCalledSo() {
        let error = #expect(throws: InvalidInput.self) { try SaleFile.read(Array("sale: ".utf8) + [0xC3, 0x28]) }
        #expect(error?.violations.map(\.description) == ["file: is not UTF-8"])
    }

    /// They are counted before anything is parsed: what follows them is no YAML, and is not heard
    /// of.
    @Test(arguments: ["  - { sku: i-%, title: I }", "  - sku: i-%\n    title: \"a, sku: b\"", "  - {title: I, 'sku' : i-%}", "- \"sku\": i-%"])
    func moreItemsThanASaleMayHaveAreRefusedUnread(item: String) {
        func read(_ count: Int) -> [String]? {
            let items = (0..<count).map { item.replacing("%", with: "\($0)") }.joined(separator: "\n")
            return #expect(throws: InvalidInput.self) { try SaleFile.read(Array("items:\n\(items)\n]".utf8)) }?.violations.map(\.description)
        }
        #expect(read(SaleDefinition.itemsMax + 1) == ["items: must be at most 10000"])
        #expect(read(SaleDefinition.itemsMax - 1)?.first?.contains("is not YAML") == true)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        /// Counted from 1.
        var line: Int
        var replacement: String
        var messages: [String]

        init(_ line: Int, _ replacement: String, _ messages: String...) {
            (self.line, self.replacement, self.messages) = (line, replacement, messages)
        }

        var testDescription: String { replacement }
    }

    /// The line is replaced by the text, and exactly these messages follow.
    @Test(arguments: [
        Mistake(1, "sale: Demo!", "line 1: sale: must be 1–64 of a-z 0-9 . _ -, beginning with a letter or digit, not \"Demo!\""),
        Mistake(1, "sale: [demo]", "line 1: sale: must be text, not a list"),
        Mistake(1, "sale:", "line 1: sale: must be text, not nothing"),
        Mistake(1, "# no sale", "line 2: sale: is missing"),
        Mistake(
            2, "titel: Autumn", "line 2: titel: is not a field here; the fields are sale, title, opens_at, closes_at, pay_within, items, version",
            "line 1: title: is missing"),
        Mistake(5, "pay_within: 1h30m\nversion: seven", "line 6: version: must be a whole number, not seven"),
        Mistake(2, "sale: again", "line 1: sale: is given twice, for the first time here"),
        Mistake(2, "title: \"\"", "line 2: title: must not be empty"),
        Mistake(2, "title: \"a\\u0007b\"", "line 2: title: must not contain control characters"),
        Mistake(
            3, "opens_at: 2026-01-01",
            "line 3: opens_at: must be an RFC 3339 time with an offset, such as 2026-01-01T00:00:00Z, not 2026-01-01"),
        Mistake(
            3, "opens_at: 2037-01-01T00:00:00Z",
            "line 4: closes_at: must be later than opens_at (2036-01-01T00:00:00Z is not after 2037-01-01T00:00:00Z)"),
        Mistake(5, "pay_within: 900", "line 5: pay_within: must be a duration such as 30s, 15m or 1h30m, not 900"),
        Mistake(5, "pay_within: 999ms", "line 5: pay_within: must be between 1s and 30d"),
        Mistake(12, "    stock: many", "line 12: items[1].stock: must be a whole number, not many"),
        Mistake(12, "    stock: \"5\"", "line 12: items[1].stock: must be a whole number, not the text \"5\""),
        Mistake(12, "    stock: 010", "line 12: items[1].stock: must be a whole number, not 010"),
        Mistake(12, "    stock: 1.5", "line 12: items[1].stock: must be a whole number, not 1.5"),
        Mistake(12, "    stock: 99999999999999999999", "line 12: items[1].stock: must be a whole number, not 99999999999999999999"),
        Mistake(12, "    stock: -1", "line 12: items[1].stock: must be between 0 and 1000000000, not -1"),
        Mistake(11, "    currency: euro", "line 11: items[1].currency: must be three capital letters, not \"euro\""),
        Mistake(13, "    limit_per_user: 0", "line 13: items[1].limit_per_user: must be between 1 and 1000, not 0"),
        Mistake(8, "  - sku: phone-x", "line 8: items[1].sku: \"phone-x\" is already items[0]"),
        Mistake(
            8, "  - price: 3", "line 8: items[1].price: is not a field here; the fields are sku, title, unit_price, currency, stock, limit_per_user",
            "line 8: items[1].sku: is missing"),
        Mistake(7, "  - phone-x", "line 7: items[0]: must be a mapping with sku, title, unit_price, currency, stock, limit_per_user, not phone-x"),
        Mistake(7, "\t- x", "line 7: file: is not YAML: found character that cannot start any token"),
    ])
    func aMistakeIsNamedByLineAndField(mistake: Mistake) throws {
        var lines = Self.lines
        lines[mistake.line - 1] = mistake.replacement
        let error = #expect(throws: InvalidInput.self) { try SaleFile.read(lines.joined(separator: "\n")) }
        #expect(error?.violations.map(\.description) == mistake.messages)
    }

    @Test(arguments: [
        ("", "line 1: file: is empty"),
        ("- a\n- b\n", "line 1: file: must be a mapping with sale, title, opens_at, closes_at, pay_within, items, not a list"),
        (SaleFileTests.lines.joined(separator: "\n") + "\n---\nsale: two\n", "line 14: file: is not YAML: but found another document"),
    ])
    func aFileThatIsNotOneSaleIsRefused(text: String, message: String) {
        let error = #expect(throws: InvalidInput.self) { try SaleFile.read(text) }
        #expect(error?.violations.map(\.description) == [message])
    }
}
