import ArgumentParser
import LoadModel

/// The search for the knee: rates that rise until the target does not keep up.
struct Ramp: Scenario {
    /// A step is looked at when its last purchases have had so long to be answered beyond the
    /// limit.
    private static let graceSeconds = 0.5

    static let configuration = CommandConfiguration(
        abstract: "Rates that rise until the target does not keep up: its capacity.",
        discussion: """
            The capacity is the highest rate at which the schedule was kept, enough of the offered purchases were committed, and p99 was within its \
            limit. The run ends at the first rate that misses; load enough stock for every purchase until then.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second of the first step.") var rateFrom: Double
    @Option(help: "Arrivals per second at most.") var rateTo: Double
    @Option(help: "By how many arrivals per second the rate rises with each step.") var rateStep: Double
    @Option(help: "How long a step lasts.") var stepDuration = DurationOption(argument: "10s")!
    @Flag(help: "Rise evenly within each step instead of at its beginning.") var linear = false
    @Option(help: "The p99 up to which a rate is kept up.") var kneeP99 = DurationOption(argument: "100ms")!
    @Option(help: "The share of committed purchases from which on a rate is kept up, from 0 to 1.") var kneeCommitted = 0.95
    @Option(help: "Smallest capacity, in purchases per second.") var thresholdCapacity: Double?
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        try requireRate(rateFrom, "--rate-from")
        try requireRate(rateTo, "--rate-to")
        try requireRate(rateStep, "--rate-step")
        try require(rateTo >= rateFrom + (linear ? rateStep : 0), "--rate-to must be above --rate-from")
        try require((0...1).contains(kneeCommitted), "--knee-committed must be between 0 and 1")
        try require((rateTo - rateFrom) / rateStep < Double(RampPlan.stepsMax), "a ramp has at most \(RampPlan.stepsMax) steps")
    }

    private var ramp: RampPlan {
        RampPlan(
            rateFrom: rateFrom, rateTo: rateTo, rateStep: rateStep, stepSeconds: stepDuration.duration.secondsCount, isLinear: linear)
    }

    private var knee: KneeLimits {
        KneeLimits(
            committedShare: kneeCommitted, latencyP99Microseconds: kneeP99.duration.nanosecondsCount / 1_000,
            lagP99Microseconds: common.lagLimit.duration.nanosecondsCount / 1_000)
    }

    var plan: TrafficPlan {
        let arrivals = ArrivalPlan(phases: ramp.phases, spacing: common.spacing, seed: common.seed)
        return TrafficPlan(
            cohorts: [Cohort(name: "purchase", purchases: PurchasePlan(arrivals: arrivals, users: common.users))], steps: ramp.steps)
    }

    var thresholds: [Threshold] { limits.thresholds() }

    func describe(_ setup: inout RunReport.Setup) {
        setup.rate = rateTo
        setup.facts = [
            .init(
                "ramp",
                "from \(TableReport.decimal(rateFrom, 0)) to \(TableReport.decimal(rateTo, 0)) arrivals/s by "
                    + "\(TableReport.decimal(rateStep, 0)) each \(stepDuration.text)\(linear ? ", evenly" : "")"),
            .init("kept up with", "p99 ≤ \(kneeP99.text) and \(TableReport.decimal(kneeCommitted * 100, 1)) % committed"),
        ]
    }

    func isOver(_ progress: WorkerProgress, after seconds: Double) -> Bool {
        let limit = kneeP99.duration.secondsCount + Self.graceSeconds
        let complete = Int((seconds - limit) / ramp.stepSeconds)
        return result(progress.tallies.prefix(max(0, complete))).isKneeFound
    }

    func thresholdFindings(_ evidence: Evidence) -> [Finding] {
        result(evidence).findings(capacityMin: thresholdCapacity)
    }

    func complete(_ report: inout RunReport, _ evidence: Evidence) {
        let result = result(evidence)
        report.ramp = result
        report.setScheduleKept(result.isScheduleKept && (report.skipped == 0 || result.isKneeFound))
    }

    private func result(_ evidence: Evidence) -> RampResult {
        let tallies = evidence.result.tallies
        guard evidence.isInterrupted else { return result(tallies[...]) }
        // The step that was cut short says nothing.
        return result(tallies.prefix(Int(Double(evidence.tally.lastTakenUpAt) / 1e9 / ramp.stepSeconds)))
    }

    private func result(_ tallies: ArraySlice<Tally>) -> RampResult {
        RampResult(
            steps: zip(ramp.rates, tallies).map { rate, tally in
                RampStep(rate: rate, seconds: ramp.stepSeconds, tally: tally, limits: knee)
            })
    }
}
