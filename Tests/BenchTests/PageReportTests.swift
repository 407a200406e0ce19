import BenchModel
import Testing

@Suite struct PageReportTests {
    private static func measured(_ page: Page, _ round: Int, cost: Double, foreign: Double = 0) -> PageReport.Measurement {
        PageReport.Measurement(
            page: page, round: round, peak: ClosedLoop(requests: 1_000, microseconds: 1_000_000, refused: 0, failed: 0, p50: 1, p99: 2),
            cost: [
                ProcessCost(process: "service", microsecondsPerRequest: cost, isServer: true),
                ProcessCost(process: "wrk", microsecondsPerRequest: 9, isServer: false),
            ],
            disturbance: Disturbance(foreignShare: foreign, stolenShare: 0), faults: [])
    }

    private static func report(_ measurements: [PageReport.Measurement]) -> PageReport {
        PageReport(
            setup: .init(
                date: "2026-01-01", command: "make bench", rounds: 2, seconds: 3, connections: 256, cpuModel: "CPU", cores: 2, kernel: "Linux",
                versions: []),
            measurements: measurements)
    }

    @Test func aPageIsHeldAgainstARefusalOfItsRound() {
        let report = Self.report([
            Self.measured(.refusal, 1, cost: 10), Self.measured(.sale, 1, cost: 11), Self.measured(.refusal, 2, cost: 20),
            Self.measured(.sale, 2, cost: 24), Self.measured(.sale, 3, cost: 99),
        ])
        #expect(report.ratio(.sale, of: .refusal) == Spread([1.1, 1.2]))
        #expect(report.markdown.contains("1.15 (1.10–1.20) × a purchase refused from memory | ≤ 1.2 | met"))
    }

    @Test func aPageThatCostsTooMuchIsMissed() {
        let report = Self.report([Self.measured(.unchangedSale, 1, cost: 10), Self.measured(.unchangedLargeSale, 1, cost: 12)])
        #expect(report.markdown.contains("**missed**"))
        #expect(report.ratio(.unchangedSale, of: .refusal) == nil)
    }

    @Test func aDisturbedMeasurementIsADoubt() {
        #expect(Self.report([Self.measured(.sale, 1, cost: 1)]).isConclusive)
        #expect(Self.report([Self.measured(.sale, 1, cost: 1, foreign: 0.5)]).doubts.count == 1)
    }
}
