import Foundation
import LoadModel
import Testing

@Suite struct ReportPageTests {
    static func report() -> RunReport {
        var setup = RunReportTests.setup
        setup.usersPrefix = "</script><b>\"&"
        setup.facts = [.init("<i>", "1 < 2")]
        return RunReport(
            setup: setup, machine: RunReportTests.machine, tally: RunReportTests.tally(),
            samples: [
                RunSeriesTests.sample(0, cpu: 0, ["seckill_queue_orders": 3]), RunSeriesTests.sample(1, cpu: 0.5, ["seckill_queue_orders": 5]),
            ],
            lagLimitMicroseconds: 10_000, used: [], invariants: [Finding("no_oversell", false, "2 > 1")], thresholds: [], isInterrupted: false)
    }

    @Test func pageNeedsNothingBesidesItself() {
        let html = ReportPage.html(Self.report())
        for word in ["src=", "href=", "@import", "url(", "fetch("] { #expect(!html.contains(word), "\(word)") }
        #expect(html.hasPrefix("<!doctype html>"))
    }

    @Test func textCannotBreakOutOfThePage() {
        let html = ReportPage.html(Self.report())
        #expect(!html.contains("<b>\"&"))
        #expect(html.contains("&lt;/script&gt;&lt;b&gt;&quot;&amp;"))
        #expect(html.contains("&lt;i&gt;"))
        #expect(html.contains("2 &gt; 1"))
    }

    @Test func everyChartsDataIsJSON() throws {
        let parts = ReportPage.html(Self.report()).components(separatedBy: "<script type=\"application/json\">").dropFirst()
        #expect(parts.count == RunCharts.all(Self.report()).count)
        for part in parts {
            let text = try #require(part.components(separatedBy: "</script>").first)
            let chart = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect((chart["series"] as? [Any])?.isEmpty == false)
        }
    }

    @Test func chartsShowWhatThereIsAndNothingElse() {
        #expect(
            RunCharts.all(Self.report()).map(\.title) == [
                "Answers per second, by outcome", "Latency of purchases", "Latency of refusals", "Latency by percentile, per outcome",
                "Orders waiting in the service", "CPU by process", "Memory by process",
            ])
        #expect(RunCharts.all(RunReportTests.report(Tally())).isEmpty)
    }

    /// A content policy without inline styles forbids the attribute.
    @Test func noElementIsStyledByAnAttribute() {
        let html = ReportPage.html(Self.report())
        for text in ["style=", "setAttribute(\"style\""] { #expect(!html.contains(text), "\(text)") }
    }

    @Test func itSaysHowToRunTheSameAgain() {
        var report = Self.report()
        report.setup.command = RepeatCommand.text(["seckill-load", "rush", "--sale", "it's"])
        #expect(report.setup.command == "seckill-load rush --sale 'it'\\''s'")
        #expect(ReportPage.html(report).contains("<code>seckill-load rush --sale 'it'\\''s'</code>"))
    }
}
