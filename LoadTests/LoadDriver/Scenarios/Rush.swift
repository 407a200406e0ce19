import ArgumentParser
import LoadModel

/// The opening second and what follows: many users, each buying once, at one rate.
struct Rush: Scenario {
    static let configuration = CommandConfiguration(abstract: "Many users buy one SKU, arriving at one rate whatever the service does.")

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second; duplicates come on top.") var rate: Double
    @Option(help: "How long arrivals last, such as 10s; a spike included.") var duration: DurationOption
    @Option(help: "Arrivals per second at the opening, before the steady rate.") var spikeRate: Double?
    @Option(help: "How long the spike lasts.") var spikeDuration = DurationOption(argument: "1s")!
    @Option(help: "Share of arrivals that fire several purchases at once, from 0 to 1.") var duplicates = 0.0
    @Option(help: "How many purchases such an arrival fires.") var parallel = 5
    @Flag(help: "Send an Idempotency-Key, one per user.") var idempotencyKeys = false
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        try requireRate(rate, "--rate")
        try require((0...1).contains(duplicates), "--duplicates must be between 0 and 1")
        try require((2...1_000).contains(parallel), "--parallel must be between 2 and 1000")
        if let spikeRate {
            try requireRate(spikeRate, "--spike-rate")
            try require(spikeDuration.duration < duration.duration, "--spike-duration must be shorter than --duration")
        }
    }

    var plan: TrafficPlan {
        let spike = spikeRate.map { ArrivalPlan.Phase(rateFrom: $0, rateTo: $0, seconds: spikeDuration.duration.secondsCount) }
        let steady = ArrivalPlan.Phase(rateFrom: rate, rateTo: rate, seconds: duration.duration.secondsCount - (spike?.seconds ?? 0))
        return TrafficPlan(cohorts: [
            Cohort(
                name: "purchase",
                purchases: PurchasePlan(
                    arrivals: ArrivalPlan(phases: [spike, steady].compactMap { $0 }, spacing: common.spacing, seed: common.seed),
                    users: common.users, duplicateShare: duplicates, parallel: parallel),
                sendsKeys: idempotencyKeys)
        ])
    }

    var thresholds: [Threshold] { limits.thresholds() }

    func describe(_ setup: inout RunReport.Setup) {
        setup.rate = rate
        setup.duplicateShare = duplicates
        setup.parallel = parallel
        setup.idempotencyKeys = idempotencyKeys
        if let spikeRate {
            setup.facts.append(.init("opening spike", "\(TableReport.decimal(spikeRate, 1)) arrivals/s for \(spikeDuration.text)"))
        }
    }
}
