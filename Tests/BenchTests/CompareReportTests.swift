import BenchModel
import Testing

@Suite struct CompareReportTests {
    private static func loop(_ perSecond: Int, refused: Int = 0) -> ClosedLoop {
        ClosedLoop(requests: perSecond, microseconds: 1_000_000, refused: refused, failed: 0, p50: 1_500, p99: 9_000)
    }

    private static func round(
        _ contender: Contender, _ number: Int, perSecond: Int, cost: Double = 20, p50: Int = 2_000, foreign: Double = 0, faults: [String] = []
    ) -> Round {
        let open = OpenLoop(offeredPerSecond: 1, committed: 1, others: 0, p50: p50, p99: 11_000, max: 40_000, isScheduleKept: true)
        return Round(
            contender: contender, number: number, peak: loop(perSecond),
            cost: [
                ProcessCost(process: "service", microsecondsPerRequest: cost, isServer: true),
                ProcessCost(process: "redis", microsecondsPerRequest: 5, isServer: true),
                ProcessCost(process: "wrk", microsecondsPerRequest: 7, isServer: false),
            ],
            residentBytesMax: 100_000_000, halfLoad: contender.buys ? open : nil, idle: contender.buys ? open : nil,
            disturbance: Disturbance(foreignShare: foreign, stolenShare: 0), faults: faults)
    }

    private static func report(_ rounds: [Round]) -> CompareReport {
        CompareReport(
            setup: .init(
                date: "2026-01-01", command: "make bench", rounds: 2, seconds: 5, connections: 256, cpuModel: "CPU", cores: 2, kernel: "Linux",
                versions: ["Redis 7"]),
            rounds: rounds, discarded: [])
    }

    @Test func aRatioComparesOnlyWhatIsOfOneRound() {
        let report = Self.report([
            Self.round(.serviceBuys, 1, perSecond: 30), Self.round(.luaBuys, 1, perSecond: 10),
            Self.round(.serviceBuys, 2, perSecond: 10), Self.round(.luaBuys, 2, perSecond: 10), Self.round(.serviceBuys, 3, perSecond: 99),
        ])
        #expect(report.ratio(.serviceBuys) == Spread([3, 1]))
        #expect(report.ratio(.luaBuys) == nil)
    }

    @Test func ofTwoRivalsTheFasterOneOfEachRoundCounts() {
        let report = Self.report([
            Self.round(.serviceBuys, 1, perSecond: 40), Self.round(.luaBuys, 1, perSecond: 10), Self.round(.luaBuysAppending, 1, perSecond: 20),
            Self.round(.serviceBuys, 2, perSecond: 40), Self.round(.luaBuys, 2, perSecond: 40), Self.round(.luaBuysAppending, 2, perSecond: 10),
        ])
        #expect(report.ratio(.serviceBuys) == Spread([2, 1]))
    }

    @Test func aCostIsHeldAgainstTheFixedAnswerOfItsRound() {
        let report = Self.report([
            Self.round(.serviceBuys, 1, perSecond: 1, cost: 55), Self.round(.nginxRefuses, 1, perSecond: 1, cost: 15),
            Self.round(.serviceBuys, 2, perSecond: 1, cost: 25), Self.round(.nginxRefusesOnOneCore, 2, perSecond: 1, cost: 5),
        ])
        #expect(report.costRatio(.serviceBuys) == Spread([3]))
        #expect(report.costRatio(.nginxRefuses) == nil)
    }

    @Test func oneClientsWaitIsCountedAboveThatOfTheRival() {
        let report = Self.report([Self.round(.serviceBuys, 1, perSecond: 1, p50: 3_100), Self.round(.luaBuys, 1, perSecond: 1, p50: 1_000)])
        let budget = report.budgets.first { $0.title.hasPrefix("buying, one client") }
        #expect(budget?.measured == Spread([2.1]))
        #expect(budget?.isMet == false)
    }

    @Test func theClientIsNoServer() {
        #expect(Self.round(.serviceBuys, 1, perSecond: 1).serverCost == 25)
    }

    @Test func oneDisturbedRoundLeavesTheReportInconclusiveAndSaysSo() {
        let report = Self.report([Self.round(.serviceBuys, 1, perSecond: 1), Self.round(.luaBuys, 1, perSecond: 1, foreign: 0.2)])
        #expect(!report.isConclusive)
        #expect(report.markdown.hasPrefix("**Not conclusive"))
        #expect(Self.report([Self.round(.serviceBuys, 1, perSecond: 1)]).isConclusive)
    }

    @Test func aLateGeneratorLeavesARoundInDoubt() {
        var round = Self.round(.serviceBuys, 1, perSecond: 1)
        #expect(round.doubt == nil)
        round.halfLoad?.isScheduleKept = false
        #expect(round.doubt != nil)
    }

    @Test func aFaultNamesItsRound() {
        let report = Self.report([Self.round(.luaBuys, 2, perSecond: 1, faults: ["too few"])])
        #expect(report.faults == ["lua-buys, round 2: too few"])
    }

    @Test func budgetsAreJudgedByTheMedianAndOnlyWhereThereAreFigures() {
        let rounds = [10.0, 20, 90].enumerated().flatMap { index, cost in
            [Self.round(.serviceBuys, index, perSecond: 20, cost: cost), Self.round(.luaBuys, index, perSecond: 10)]
        }
        let budgets = Self.report(rounds).budgets
        #expect(budgets.map(\.isMet) == [true, true, false, true])
        #expect(!budgets.contains { $0.title.hasPrefix("refusing") })
    }

    @Test func theTableNamesEachContenderThatWasMeasured() {
        let text = Self.report([Self.round(.serviceBuys, 1, perSecond: 12_345), Self.round(.luaBuys, 1, perSecond: 10_000)]).markdown
        #expect(text.contains("| \(Contender.serviceBuys.title) | 12,345 (12,345–12,345) | 1.23 (1.23–1.23) | 1.5 (1.5–1.5) |"))
        #expect(text.contains("service 20.0, redis 5.0 | wrk 7.0 |"))
        #expect(!text.contains(Contender.nginxRefuses.title))
    }
}
