import SaleCore
import Testing

@Suite struct DurationTextTests {
    @Test(
        arguments: [
            ("90s", 90_000), ("15m", 900_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("30d", 2_592_000_000), ("0s", 0), ("100m", 6_000_000),
            ("500ms", 500), ("2s", 2_000), ("1m500ms", 60_500), ("1d1h1m1s1ms", 90_061_001), ("007s", 7_000),
        ] as [(String, Int64)]
    )
    func unitsAddUp(text: String, milliseconds: Int64) {
        #expect(DurationText.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "15", "m", "1.5h", "-1m", "30m1h", "1m1m", "1 h", "1h ", "1w", "1M", "1sm", "1s1s", "1ms1s", "+1s", "١s", "1us", "99999999999999999999s",
        "9223372036854775807d",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(DurationText.milliseconds(text) == nil)
    }

    @Test(arguments: [0, 1, 500, 1_000, 900_000, 5_400_000, 90_061_000, 90_061_999] as [Int64])
    func whatIsWrittenIsReadBack(milliseconds: Int64) {
        #expect(DurationText.milliseconds(DurationText.text(milliseconds: milliseconds)) == milliseconds)
        #expect(Duration(text: Duration.milliseconds(milliseconds).text) == .milliseconds(milliseconds))
    }
}
