import SaleCore
import Testing

@Suite struct MoneyTests {
    @Test func whoeverMustTypeDataIsToldBothUnits() {
        #expect(Money.both(39_800, Currency("CNY")!) == "39800 minor units (398.00 CNY)")
        #expect(Money.both(1, Currency("JPY")!) == "1 minor unit (1 JPY)")
        #expect(Money.amount(1_250, Currency("KWD")!) == "1.250 KWD")
    }

    @Test(
        arguments: [
            (399_900, "CNY", "3999.00"), (5, "EUR", "0.05"), (0, "EUR", "0.00"), (-399_900, "CNY", "-3999.00"), (500, "JPY", "500"),
            (1_250, "KWD", "1.250"), (1, "KWD", "0.001"),
        ] as [(Int64, String, String)])
    func anAmountHasItsCurrencysDecimals(minor: Int64, code: String, text: String) {
        let currency = Currency(code)!
        #expect(Money.text(minor, currency) == text)
        if minor >= 0 { #expect(Money.minor(text, currency) == minor) }
    }

    @Test func fewerDecimalsAreTaken() {
        #expect(Money.minor("3999", Currency("CNY")!) == 399_900)
        #expect(Money.minor("3999.5", Currency("CNY")!) == 399_950)
    }

    @Test(arguments: ["", ".", "1.", ".5", "1.234", "1,00", "-1", "+1", "1e3", "1.2.3", " 1", "99999999999999999999", "1٣"])
    func nothingElseIs(text: String) {
        #expect(Money.minor(text, Currency("CNY")!) == nil)
    }

    @Test func aCurrencyWithoutDecimalsTakesNone() {
        #expect(Money.minor("500.0", Currency("JPY")!) == nil)
    }

    @Test(arguments: [("EUR", true), ("JPY", true), ("KWD", true), ("CLF", false), ("EUX", false), ("XXX", false), ("XAU", false)])
    func aCurrencyThatSomebodyCanPayInIsListed(code: String, isListed: Bool) {
        #expect(Currency(code)?.isListed == isListed)
    }
}
