import ArgumentParser
import LoadModel
import SaleCore

/// Honest buyers among those who are not.
struct Bots: Scenario {
    static let configuration = CommandConfiguration(
        abstract: "Honest buyers among a user who hammers, users behind one address, repeated keys, and users who cancel and buy again.",
        discussion: """
            The generator states the clients' addresses in X-Forwarded-For; let the service trust it (--trusted-proxies 127.0.0.1), or all count as one \
            address. Latency thresholds are about the honest buyers.
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "Arrivals per second of honest buyers.") var rate: Double
    @Option(help: "How long arrivals last, such as 10s.") var duration: DurationOption
    @Option(help: "Purchases per second of the one user who hammers.") var hammerRate = 200.0
    @Option(help: "Purchases per second of users behind one address.") var sharedRate = 100.0
    @Option(help: "How many users are behind one address.") var sharedUsers = 500
    @Option(help: "Users per second who repeat their key.") var replayRate = 20.0
    @Option(help: "How often each sends its key at once.") var replayCopies = 5
    @Option(help: "Users per second who cancel and buy again.") var rebuyRate = 10.0
    @Option(help: "How often each buys again.") var rebuyRounds = 2
    @Option(help: "How long those wait before each step.") var think = DurationOption(argument: "100ms")!
    @Option(help: "Smallest share of honest purchases that get an answer about the sale, from 0 to 1.") var honestServed = 0.99
    @OptionGroup var limits: ThresholdOptions

    func validate() throws {
        for (rate, name) in [
            (rate, "--rate"), (hammerRate, "--hammer-rate"), (sharedRate, "--shared-rate"), (replayRate, "--replay-rate"),
            (rebuyRate, "--rebuy-rate"),
        ] {
            try requireRate(rate, name)
        }
        try require((1...10_000_000).contains(sharedUsers), "--shared-users must be between 1 and 10000000")
        try require((2...1_000).contains(replayCopies), "--replay-copies must be between 2 and 1000")
        try require((1...1_000).contains(rebuyRounds), "--rebuy-rounds must be between 1 and 1000")
        try require((0...1).contains(honestServed), "--honest-served must be between 0 and 1")
    }

    var needsItem: Bool { true }

    var plan: TrafficPlan {
        let seconds = duration.duration.secondsCount
        var cohorts: [Cohort] = []
        func add(
            _ name: String, rate: Double, users: Int, copies: Int = 1, keys: Bool = false, origin: Cohort.Origin = .own,
            afterwards: Afterwards = .nothing
        ) {
            let arrivals = ArrivalPlan.steady(
                rate: rate, seconds: seconds, spacing: common.spacing, seed: common.seed &+ UInt64(cohorts.count))
            let purchases = PurchasePlan(arrivals: arrivals, users: users, duplicateShare: copies > 1 ? 1 : 0, parallel: copies)
            cohorts.append(
                Cohort(
                    name: name, purchases: purchases, firstUser: cohorts.last?.users.upperBound ?? 0, sendsKeys: keys, origin: origin,
                    afterwards: afterwards))
        }
        func once(_ rate: Double) -> Int { max(1, Int((rate * seconds).rounded(.up))) }
        add("honest", rate: rate, users: common.users)
        add("hammer", rate: hammerRate, users: 1)
        add("one address", rate: sharedRate, users: sharedUsers, origin: .shared)
        // Half as many users as arrivals: each comes twice, and repeats its key then too.
        add("repeated keys", rate: replayRate, users: max(1, once(replayRate) / 2), copies: replayCopies, keys: true)
        add(
            "cancel and rebuy", rate: rebuyRate, users: once(rebuyRate), keys: true,
            afterwards: .cancelAndRebuy(rounds: rebuyRounds, delay: think.duration.nanosecondsCount))
        return TrafficPlan(cohorts: cohorts)
    }

    var thresholds: [Threshold] { limits.thresholds() }

    func describe(_ setup: inout RunReport.Setup) {
        setup.facts = [
            .init("honest", "\(TableReport.decimal(rate, 1))/s"), .init("one user hammers", "\(TableReport.decimal(hammerRate, 1))/s"),
            .init("behind one address", "\(sharedUsers) users, \(TableReport.decimal(sharedRate, 1))/s"),
            .init("repeated keys", "\(replayCopies) at once, \(TableReport.decimal(replayRate, 1))/s"),
            .init("cancel and rebuy", "\(rebuyRounds) times, \(TableReport.decimal(rebuyRate, 1))/s"),
        ]
    }

    func measured(_ result: WorkerResult) -> Tally? { result.tallies[0] }

    func findings(_ evidence: Evidence) -> [Finding] {
        let judge = BotsJudge(
            confirmed: evidence.result.confirmed, ended: evidence.result.ended, quantity: Int64(common.quantity),
            limitPerUser: evidence.item?.limitPerUser ?? 0, replaying: plan.cohorts[3].users)
        let released = evidence.books?.after.rows.filter { !$0.state.isLive }.map(\.order) ?? []
        return judge.findings(released: Set(released), honest: evidence.result.tallies[0], servedShareMin: honestServed)
    }
}
