/// What the terminal shows of a run that is under way.
package struct LiveFrame: Sendable, Equatable {
    package enum Style: Sendable, Equatable {
        case plain, good, attention, bad, quiet
    }

    package struct Line: Sendable, Equatable {
        package var text: String
        package var style: Style

        package init(_ text: String, _ style: Style = .plain) {
            self.text = text
            self.style = style
        }
    }

    /// Over so many seconds rates and latencies are taken.
    private static let recentSeconds = 5
    private static let sparklineWidth = 40

    package private(set) var lines: [Line]

    /// - Parameters:
    ///   - tally: of everything so far.
    ///   - seconds: since the start.
    ///   - planned: seconds that the plan lasts.
    package init(scenario: String, tally: Tally, seconds: Double, planned: Double, inFlight: Int, waiting: Int) {
        let complete = max(0, Int(seconds))
        let recent = max(0, complete - Self.recentSeconds)..<complete
        let share = planned > 0 ? min(1, seconds / planned) : 1
        let bar = Int(share * 20)
        lines = [
            Line(
                "\(scenario)  \(complete) s of \(TableReport.decimal(planned, 0)) s  "
                    + String(repeating: "█", count: bar) + String(repeating: "░", count: 20 - bar) + "  offered \(tally.offered)")
        ]
        for outcome in Outcome.allCases where tally.count(outcome) > 0 {
            let counts = tally.perSecond(outcome)
            let answers = recent.clamped(to: counts.indices).reduce(0) { $0 + counts[$1] }
            let rate = Double(answers) / Double(max(1, recent.count))
            let whole = Array(counts.prefix(complete)) + Array(repeating: 0, count: max(0, complete - counts.count))
            lines.append(
                Line(
                    "  " + Self.left(outcome.rawValue, 14) + Self.right(TableReport.decimal(rate, 0) + "/s", 10)
                        + Self.right(String(tally.count(outcome)), 11) + "  " + Sparkline.text(whole, width: Self.sparklineWidth),
                    Self.style(outcome)))
        }
        lines.append(Self.latency("latency", tally.seconds, recent, \.ok))
        if tally.seconds.contains(where: { $0.refused.count > 0 }) { lines.append(Self.latency("refusals", tally.seconds, recent, \.refused)) }
        lines.append(
            Line(
                "  in flight \(inFlight)  waiting for a connection \(waiting)  generator lag p99 "
                    + "\(TableReport.milliseconds(tally.lag.microseconds(atPercentile: 99))) ms", .quiet))
    }

    private static func latency(
        _ name: String, _ seconds: [Tally.Second], _ recent: Range<Int>, _ answers: KeyPath<Tally.Second, SecondHistogram>
    ) -> Line {
        let histogram = seconds[recent.clamped(to: seconds.indices)].reduce(into: SecondHistogram()) { $0.add($1[keyPath: answers]) }
        guard let values = histogram.microseconds(atPercentiles: [50, 90, 99, 99.9]) else { return Line("  \(left(name, 14))none", .quiet) }
        let figures = zip(["p50", "p90", "p99", "p99.9"], values).map { "\($0) \(TableReport.milliseconds($1)) ms" }
        return Line("  \(left(name, 14))" + figures.joined(separator: "  "))
    }

    private static func style(_ outcome: Outcome) -> Style {
        switch outcome.group {
        case .ok: .good
        case .refused: .attention
        case .unknown: .bad
        }
    }

    private static func left(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
    private static func right(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
