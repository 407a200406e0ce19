import LoadModel
import Testing

@Suite struct LiveFrameTests {
    @Test(
        arguments: [
            ([], 4, ""), ([0, 0], 4, ""), ([1, 4, 8], 4, "▂▅█"), ([8, 8, 0, 4], 2, " █"), ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▂▃▄▅▅▆▇█"),
        ] as [([UInt64], Int, String)])
    func sparklineShowsTheLastValues(values: [UInt64], width: Int, text: String) {
        #expect(Sparkline.text(values, width: width) == text)
    }

    @Test func frameShowsRatesOfTheLastSecondsPerOutcome() {
        var tally = Tally()
        for second in 0..<10 as Range<UInt64> {
            for _ in 0..<20 {
                tally.takenUp(intended: 0, now: 0)
                tally.ended(second < 8 ? .committed : .soldOut, detail: nil, latency: 3_000_000, now: second * 1_000_000_000)
            }
        }
        let frame = LiveFrame(scenario: "rush", tally: tally, seconds: 10.2, planned: 20, inFlight: 3, waiting: 0)
        #expect(frame.lines.map(\.style) == [.plain, .good, .attention, .plain, .plain, .quiet])
        #expect(frame.lines[0].text == "rush  10 s of 20 s  ██████████░░░░░░░░░░  offered 200")
        #expect(frame.lines[1].text == "  committed           12/s        160  ████████  ")
        #expect(frame.lines[2].text == "  sold_out             8/s         40          ██")
        #expect(frame.lines[3].text.hasPrefix("  latency       p50 3.0"))
        #expect(frame.lines[5].text.contains("in flight 3"))
    }
}
