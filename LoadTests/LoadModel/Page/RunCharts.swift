/// Which charts a run's page shows.
package enum RunCharts {
    package static func all(_ report: RunReport) -> [Chart] {
        let latencies = report.series.latency.map { latency($0) }
        let charts =
            ramp(report.ramp) + [rates(report)] + latencies + [curves(report)] + service(report.series) + [cpu(report.series), memory(report.series)]
        return charts.filter { chart in chart.lines.contains { line in line.points.contains { $0.y != nil } } }
    }

    private static func ramp(_ ramp: RampResult?) -> [Chart] {
        guard let ramp else { return [] }
        func line(_ name: String, _ color: String, isDashed: Bool = false, _ value: (RampStep) -> Double) -> Chart.Line {
            Chart.Line(name, color: color, isDashed: isDashed, points: ramp.steps.map { Chart.Point($0.rate, value($0)) })
        }
        return [
            Chart(
                "Committed against offered", note: "the last step is the knee, if one was found", x: .number, xLabel: "offered per second",
                xUnit: "/s",
                unit: "/s", lines: [line("committed", "s1") { $0.committedPerSecond }, line("offered", "s0", isDashed: true) { $0.rate }]),
            Chart(
                "Latency against offered rate", note: "from the intended instant; logarithmic", x: .number, xLabel: "offered per second", xUnit: "/s",
                unit: "ms", isLogarithmic: true,
                lines: [
                    line("p50", "q2") { Double($0.p50Microseconds) / 1_000 }, line("p99", "q4") { Double($0.p99Microseconds) / 1_000 },
                ]),
        ]
    }

    private static func rates(_ report: RunReport) -> Chart {
        let lines = report.outcomes.filter { $0.count > 0 }.map { line in
            Chart.Line(
                line.outcome.rawValue, color: color(line.outcome), isDashed: line.group == .unknown,
                points: line.timeline.enumerated().map { Chart.Point(Double($0), Double($1)) })
        }
        return Chart(
            "Answers per second, by outcome", note: "counted in the second of the answer; the last is rarely a whole one", unit: "/s", lines: lines)
    }

    private static func latency(_ latency: RunSeries.Latency) -> Chart {
        func line(_ name: String, _ color: String, _ values: [UInt64?]) -> Chart.Line {
            Chart.Line(name, color: color, points: values.enumerated().map { Chart.Point(Double($0), $1.map { Double($0) / 1_000 }) })
        }
        return Chart(
            latency.group == .ok ? "Latency of purchases" : "Latency of refusals", note: "from the intended instant; logarithmic", unit: "ms",
            isLogarithmic: true,
            lines: [
                line("p50", "q1", latency.p50), line("p90", "q2", latency.p90), line("p99", "q3", latency.p99), line("p99.9", "q4", latency.p999),
            ])
    }

    private static func curves(_ report: RunReport) -> Chart {
        let lines = report.outcomes.filter { $0.count > 0 && $0.outcome.isAnswered }.map { line in
            Chart.Line(
                line.outcome.rawValue, color: color(line.outcome),
                points: line.curve.map { point in
                    // The maximum stands where one of all the latencies is above.
                    let percentile = min(point.percentile, 100 - 50 / Double(line.count))
                    return Chart.Point(percentile, Double(point.microseconds) / 1_000)
                })
        }
        return Chart(
            "Latency by percentile, per outcome", note: "the whole run; both axes logarithmic", x: .percentile, xLabel: "percentile", xUnit: "%",
            unit: "ms", isLogarithmic: true, lines: lines)
    }

    private static func service(_ series: RunSeries) -> [Chart] {
        func line(_ metric: String, _ name: String, _ color: String) -> Chart.Line? {
            guard let metric = series.metrics.first(where: { $0.name == metric }) else { return nil }
            return Chart.Line(name, color: color, points: zip(series.sampledAt, metric.values).map { Chart.Point($0, $1) })
        }
        return [
            Chart(
                "Orders waiting in the service", unit: "orders",
                lines: [
                    line("queue_orders", "queue of the writer", "s1"), line("admitted_purchases", "admitted, not yet decided", "s8"),
                ].compactMap { $0 }),
            Chart(
                "Batch sizes", note: "means between two samples", unit: "per batch",
                lines: [
                    line("batch_requests", "purchases per script call", "s1"), line("commit_orders", "orders per transaction", "s8"),
                ].compactMap { $0 }),
            Chart(
                "Duration of batches", note: "means between two samples", unit: "ms",
                lines: [line("batch_milliseconds", "script call", "s1"), line("commit_milliseconds", "transaction", "s8")].compactMap { $0 }),
            Chart(
                "Transactions repeated", unit: "/s",
                lines: [line("commit_failures_per_second", "failures", "s6")].compactMap { $0 }
                    .filter { line in line.points.contains { $0.y ?? 0 > 0 } }),
        ]
    }

    private static func cpu(_ series: RunSeries) -> Chart {
        Chart(
            "CPU by process", note: "children included", unit: "cores",
            lines: series.processes.enumerated().map { index, process in
                Chart.Line(process.process, color: color(index), points: zip(series.sampledAt, process.cores).map { Chart.Point($0, $1) })
            })
    }

    private static func memory(_ series: RunSeries) -> Chart {
        Chart(
            "Memory by process", note: "resident; pages that children share count once", unit: "MiB",
            lines: series.processes.enumerated().map { index, process in
                Chart.Line(
                    process.process, color: color(index),
                    points: zip(series.sampledAt, process.residentBytes).map { Chart.Point($0, $1.map { Double($0) / 1_048_576 }) })
            })
    }

    private static func color(_ index: Int) -> String { ["s1", "s8", "s2", "s5", "s3", "s7", "s4", "s6"][index % 8] }

    /// The same colour for an outcome in every chart.
    private static func color(_ outcome: Outcome) -> String {
        switch outcome {
        case .committed: "s1"
        case .reserved: "s2"
        case .settled: "s4"
        case .soldOut: "s3"
        case .limitReached: "s5"
        case .rateLimited: "s7"
        case .shed: "s8"
        case .refused, .unknown, .unsent: "s0"
        case .error: "s6"
        }
    }
}
