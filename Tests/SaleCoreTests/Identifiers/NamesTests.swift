import SaleCore
import Testing

@Suite struct NamesTests {
    static let names = ["a", "demo", "phone-x", "0", "a.b_c-9", "9-", "a..", String(repeating: "z", count: 64)]
    static let notNames = [
        "", "-", ".", "..", "_", "-a", ".a", "_a", "A", "demo ", " demo", "de mo", "a/b", "a:b", "{a}", "é", "a\u{0}", "a\n", "a\u{301}",
        String(repeating: "z", count: 65),
    ]

    @Test(arguments: names)
    func saleAndSKUTakeLowerCaseNames(text: String) {
        #expect(SaleID(text)?.rawValue == text)
        #expect(SKU(text)?.rawValue == text)
    }

    @Test(arguments: notNames)
    func saleAndSKURefuseEverythingElse(text: String) {
        #expect(SaleID(text) == nil)
        #expect(SKU(text) == nil)
    }

    @Test(arguments: ["-", ".", "..", "_a", "a"])
    func whatAnEarlierVersionTookCanStillBeReadFromAStore(text: String) {
        #expect(SaleID(stored: text)?.rawValue == text)
        #expect(SKU(stored: text)?.rawValue == text)
    }

    @Test(arguments: ["", "A", "a/b", String(repeating: "z", count: 65)])
    func aStoreHoldsNothingElse(text: String) {
        #expect(SaleID(stored: text) == nil)
        #expect(SKU(stored: text) == nil)
    }

    @Test func namesAreOrderedAsText() {
        #expect(["b", "a", "a-1", "a.1"].compactMap { SaleID($0) }.sorted().map(\.description) == ["a", "a-1", "a.1", "b"])
        #expect(["b", "a"].compactMap { SKU($0) }.sorted().map(\.description) == ["a", "b"])
    }

    @Test(arguments: ["u", "User-42", "a@b.example", "!~", String(repeating: "u", count: 128)])
    func userTakesVisibleASCII(text: String) {
        #expect(UserID(text)?.rawValue == text)
    }

    @Test(arguments: ["", " ", "a b", "a\t", "a\u{7F}", "a\u{0}", "ü", String(repeating: "u", count: 129)])
    func userRefusesWhatIsNotVisibleASCII(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test func everyByteIsVisibleOrRefused() {
        for value in UInt8.min...UInt8.max {
            let text = String(decoding: [UInt8(ascii: "u"), value], as: UTF8.self)
            #expect((UserID(text) != nil) == (0x21...0x7E).contains(value), "byte \(value)")
        }
    }
}

@Suite struct IdempotencyKeyTests {
    @Test(arguments: [("abc", "abc"), ("\"abc\"", "abc"), ("\"", "\""), ("\"abc", "\"abc"), ("\"a\"b\"", "a\"b")])
    func headerIsReadQuotedOrBare(header: String, key: String) {
        #expect(IdempotencyKey(headerValue: header)?.rawValue == key)
    }

    /// The last two begin or end with a quote that forms one character with what stands beside it.
    @Test(arguments: ["", "\"\"", "\"a b\"", "\"a\u{7F}\"", "\"\u{301}abc\"", "\"abc\u{600}\""])
    func headerOutsideTheGrammarIsRefused(header: String) {
        #expect(IdempotencyKey(headerValue: header) == nil)
    }

    @Test func lengthIsBoundedWithoutTheQuotes() {
        let longest = String(repeating: "k", count: 255)
        #expect(IdempotencyKey(headerValue: "\"\(longest)\"")?.rawValue == longest)
        #expect(IdempotencyKey(longest + "k") == nil)
        #expect(IdempotencyKey(headerValue: "\"\(longest)k\"") == nil)
    }
}

@Suite struct CurrencyTests {
    @Test(arguments: ["CNY", "EUR", "XXX"])
    func threeCapitalsAreACurrency(code: String) {
        #expect(Currency(code)?.code == code)
    }

    @Test(arguments: ["cny", "CNY", "cnY"])
    func smallLettersAreACurrencyWhereTheyMayBe(code: String) {
        #expect(Currency(ignoringCase: code)?.code == "CNY")
    }

    @Test(arguments: ["", "CN", "CNYY", "CN1", "ÄBC", "C Y", "ßa", "a\u{10D}b", "@BC", "{BC"])
    func nothingElseIsWhateverItsCase(code: String) {
        #expect(Currency(ignoringCase: code) == nil)
    }

    @Test(arguments: ["", "CN", "CNYY", "cny", "CN1", "ÄBC", "C Y"])
    func anythingElseIsNot(code: String) {
        #expect(Currency(code) == nil)
    }
}
