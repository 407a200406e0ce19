import ArgumentParser
import LoadModel

/// One rate for long: what grows, and what gets slower.
struct Soak: Scenario {
    static let configuration = CommandConfiguration(
        abstract: "One rate for long: whether the memory of the named processes and p99 stay as they are.",
        discussion: """
            Name the processes with --pids. The first tenth of the run is not looked at. What is judged is the slope, as the median of the slopes between \
            any two moments.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second.") var rate: Double
    @Option(help: "How long arrivals last, such as 2h.") var duration: DurationOption
    @Option(help: "Largest growth of a process's memory over the run, as a share of it.") var driftMemory = 0.1
    @Option(help: "Largest growth of p99 over the run, as a share of it.") var driftP99 = 0.5
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        try requireRate(rate, "--rate")
        try require(driftMemory >= 0, "--drift-memory must not be below 0")
        try require(driftP99 >= 0, "--drift-p99 must not be below 0")
    }

    var plan: TrafficPlan { .steady(rate: rate, seconds: duration.duration.secondsCount, common) }

    var thresholds: [Threshold] { limits.thresholds() }

    func thresholdFindings(_ evidence: Evidence) -> [Finding] {
        // The generator's own memory grows with every order that it remembers.
        RunSeries(evidence.tally, samples: evidence.samples).drifts.filter { $0.rule != "memory_steady_generator" }.map { rule, tolerance, drift in
            drift?.finding(rule, shareMax: rule == "p99_steady" ? driftP99 : driftMemory, tolerance: tolerance)
                ?? Finding(rule, false, "the run is too short to tell")
        }
    }

    func complete(_ report: inout RunReport, _ evidence: Evidence) {
        report.drifts = report.series.drifts.compactMap(\.drift)
    }
}
