import SaleCore
import Testing

@Suite struct TimestampTests {
    static let texts: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2026-01-01T00:00:00Z", 1_767_225_600_000),
        ("2000-02-29T23:59:59Z", 951_868_799_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ]

    @Test(arguments: texts)
    func instantAndTextAreTheSame(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func everyInstantSurvivesItsText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let instant = Timestamp(milliseconds: .random(in: -62_167_219_200_000...253_402_300_799_999, using: &random))
            #expect(Timestamp(rfc3339: instant.description) == instant, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00Z"),
        ("2025-12-31T19:00:00-05:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01T05:30:00+05:30", "2026-01-01T00:00:00Z"),
        ("2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"),
        ("2026-01-01T00:00:00-00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:00Z"),
        ("2026-01-01 00:00:00Z", "2026-01-01T00:00:00Z"),
    ])
    func offsetsAndSeparatorsAreRead(text: String, utc: String) {
        #expect(Timestamp(rfc3339: text)?.description == utc)
    }

    @Test(
        arguments: [
            (".5", 500), (".05", 50), (".005", 5), (".1239", 123), (".999999999", 999), (".000000001", 0),
        ] as [(String, Int64)])
    func fractionIsCutToMilliseconds(fraction: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00\(fraction)Z")?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00Z", "2026-1-1T00:00:00Z", "26-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ",
        "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00+0000", "2026-01-01T00:00:00+1:00",
        " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z ", "-026-01-01T00:00:00Z", "2026-01-01T00:00:00,5Z", "２026-01-01T00:00:00Z",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [("2024", true), ("2023", false), ("2000", true), ("1900", false), ("2100", false), ("0000", true)])
    func twentyNinthOfFebruaryExistsInLeapYears(year: String, isLeap: Bool) {
        #expect((Timestamp(rfc3339: "\(year)-02-29T00:00:00Z") != nil) == isLeap)
    }

    /// Such an instant has no text of its own in UTC.
    @Test(arguments: ["0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
    func offsetOutOfTheWritableYearsIsRefused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test(arguments: [(Int64.min, "0000-01-01T00:00:00Z"), (Int64.max, "9999-12-31T23:59:59.999Z")])
    func instantOutOfTheWritableYearsIsWrittenAsTheNearest(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
    }

    @Test func laterIsGreater() {
        let instant = Timestamp(milliseconds: 5)
        #expect(instant < instant.advanced(milliseconds: 1))
        #expect(instant > instant.advanced(milliseconds: -1))
    }
}
