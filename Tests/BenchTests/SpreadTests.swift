import BenchModel
import Testing

@Suite struct SpreadTests {
    @Test(arguments: [
        ([3.0], 3.0, 3.0, 3.0), ([5, 1, 3], 3, 1, 5), ([4, 1, 3, 2], 2.5, 1, 4), ([2, 2, 2, 9, 1], 2, 1, 9),
    ])
    func theMedianStandsInTheMiddle(values: [Double], median: Double, min: Double, max: Double) {
        let spread = Spread(values)
        #expect(spread?.median == median)
        #expect(spread?.min == min)
        #expect(spread?.max == max)
    }

    @Test func nothingHasNoSpread() {
        #expect(Spread([]) == nil)
    }

    @Test func itReadsAsMedianAndRange() {
        #expect(Spread([11.94, 12.3, 12.8])?.text(digits: 1) == "12.3 (11.9–12.8)")
    }

    @Test(arguments: [
        (0.0, 0, "0"), (999.5, 0, "1,000"), (1_234_567.0, 0, "1,234,567"), (1_234.05, 2, "1,234.05"), (0.049, 1, "0.0"), (-0.04, 1, "0.0"),
        (-1.25, 1, "-1.3"), (9.999, 2, "10.00"), (Double.nan, 1, "–"), (Double.infinity, 0, "–"),
    ])
    func aFigureIsRoundedAndGrouped(value: Double, digits: Int, text: String) {
        #expect(Figure.text(value, digits: digits) == text)
    }
}
