import Testing

@testable import SaleCore

@Suite struct CivilDateTests {
    /// Walks every day of the years 0000 to 9999 once, by the calendar's own rules.
    @Test func conversionsAgreeOnEveryDay() {
        var date = CivilDate(year: 0, month: 1, day: 1)
        var number = date.daysSince1970
        var wrong = 0
        while date.year < 10_000 {
            if date.daysSince1970 != number || CivilDate(daysSince1970: number) != date { wrong += 1 }
            number += 1
            date.day += 1
            if date.day > CivilDate.days(inMonth: date.month, of: date.year) {
                date.day = 1
                date.month += 1
            }
            if date.month > 12 {
                date.month = 1
                date.year += 1
            }
        }
        #expect(wrong == 0)
        #expect(number == 2_932_897)
    }

    @Test(arguments: zip(1...12, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]))
    func monthsHaveTheirLengths(month: Int, days: Int) {
        #expect(CivilDate.days(inMonth: month, of: 2026) == days)
    }
}
