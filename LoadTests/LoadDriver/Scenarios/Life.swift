import ArgumentParser
import LoadModel

/// Orders from the purchase to their end.
struct Life: Scenario {
    static let configuration = CommandConfiguration(
        abstract: "Orders from the purchase to their end: paid, cancelled, or not paid in time.",
        discussion: """
            What is neither paid, failed nor cancelled expires: give the sale a short pay_within, and --settle longer than that. Without --database-url only \
            the answers are judged.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second.") var rate: Double
    @Option(help: "How long arrivals last, such as 10s.") var duration: DurationOption
    @Option(help: "Share of orders that are paid, from 0 to 1.") var paid = 0.6
    @Option(help: "Share of orders whose payment fails.") var failed = 0.05
    @Option(help: "Share of orders that are cancelled; those that are left expire.") var cancelled = 0.2
    @Option(help: "How long after the purchase an order is paid or cancelled.") var think = DurationOption(argument: "500ms")!
    @Option(help: "The secret of the payment provider, as the service has it.") var paymentSecretFile: String?
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        try requireRate(rate, "--rate")
        for (share, name) in [(paid, "--paid"), (failed, "--failed"), (cancelled, "--cancelled")] {
            try require((0...1).contains(share), "\(name) must be between 0 and 1")
        }
        try require(paid + failed + cancelled <= 1 + 1e-9, "--paid, --failed and --cancelled must not add up to more than 1")
        try require(paid + failed == 0 || paymentSecretFile != nil, "--payment-secret-file is needed, or --paid 0 --failed 0")
    }

    var needsItem: Bool { true }

    private var shares: SettleShares { SettleShares(paid: paid, failed: failed, cancelled: cancelled) }

    var plan: TrafficPlan {
        var plan = TrafficPlan.steady(rate: rate, seconds: duration.duration.secondsCount, common)
        plan.cohorts[0].afterwards = .settle(shares, delay: think.duration.nanosecondsCount)
        return plan
    }

    var thresholds: [Threshold] { limits.thresholds() }

    func describe(_ setup: inout RunReport.Setup) {
        func percent(_ share: Double) -> String { "\(TableReport.decimal(share * 100, 1)) %" }
        setup.facts = [
            .init("paid", percent(paid)), .init("payment fails", percent(failed)), .init("cancelled", percent(cancelled)),
            .init("not paid in time", percent(shares.expired)), .init("after", think.text),
        ]
    }

    func findings(_ evidence: Evidence) -> [Finding] {
        let judge = LifeJudge(confirmed: evidence.result.confirmed, ended: evidence.result.ended)
        guard let books = evidence.books, let item = evidence.itemAfter else { return judge.findings }
        return judge.findings(after: books.after, available: item.available)
    }
}
