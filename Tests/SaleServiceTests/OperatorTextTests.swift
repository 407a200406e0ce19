import SaleCore
import SaleService
import Testing

/// What operators write is counted in code points: so does JSON Schema, in which their document
/// says the bound.
@Suite struct OperatorTextTests {
    @Test func `two hundred code points are enough`() {
        #expect(OperatorText.violations(of: String(repeating: "e\u{301}", count: 100), "reason").isEmpty)
        #expect(OperatorText.violations(of: String(repeating: "e\u{301}", count: 101), "reason").map(\.field) == ["reason"])
    }

    @Test func `one of them is no space`() {
        #expect(OperatorText.violations(of: " \u{301}", "reason").isEmpty)
        for text in [nil, "", " ", "\u{2003}\u{3000}"] {
            #expect(OperatorText.violations(of: text, "reason").map(\.reason) == ["must be given"])
        }
    }

    @Test(arguments: ["two\nlines", "a\u{7F}", "\u{9B}31m"])
    func `they stand on one line and steer no terminal`(text: String) {
        #expect(OperatorText.violations(of: text, "reason").map(\.field) == ["reason"])
    }
}
