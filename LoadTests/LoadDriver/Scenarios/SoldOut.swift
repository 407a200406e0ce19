import ArgumentParser
import LoadModel

/// What most of a flash sale is: buyers who come too late.
struct SoldOut: Scenario {
    static let configuration = CommandConfiguration(
        commandName: "soldout", abstract: "Buyers of an SKU that is sold out: how many refusals, and how fast.",
        discussion: "Latency thresholds are about refusals here. A purchase beyond what was left before the run is a violation.")

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second.") var rate: Double
    @Option(help: "How long arrivals last, such as 10s.") var duration: DurationOption
    @Option(help: "Smallest number of refusals per second.") var thresholdRefusalRate: Double?
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        try requireRate(rate, "--rate")
    }

    var needsItem: Bool { true }

    var plan: TrafficPlan { .steady(rate: rate, seconds: duration.duration.secondsCount, common) }

    var thresholds: [Threshold] {
        limits.thresholds(of: .soldOut) + (thresholdRefusalRate.map { [.refused(perSecond: $0)] } ?? [])
    }

    func findings(_ evidence: Evidence) -> [Finding] {
        SoldOutJudge.findings(
            evidence.tally, confirmed: evidence.result.confirmed, quantity: Int64(common.quantity), available: evidence.item?.available ?? 0,
            givenBack: evidence.books.map { $0.after.givenBack - $0.before.givenBack } ?? 0)
    }
}

extension TrafficPlan {
    /// Each user buys once, at one rate.
    static func steady(rate: Double, seconds: Double, _ common: CommonOptions) -> TrafficPlan {
        TrafficPlan(cohorts: [
            Cohort(
                name: "purchase",
                purchases: PurchasePlan(
                    arrivals: .steady(rate: rate, seconds: seconds, spacing: common.spacing, seed: common.seed), users: common.users))
        ])
    }
}
