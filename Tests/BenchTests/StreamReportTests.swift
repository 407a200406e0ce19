import BenchModel
import Testing

@Suite struct StreamReportTests {
    private static func measured(
        _ audience: Audience, _ round: Int, perSecond: Int, corePercent: Double = 1, foreign: Double = 0, faults: [String] = []
    ) -> StreamReport.Measurement {
        StreamReport.Measurement(
            audience: audience, round: round,
            peak: ClosedLoop(requests: perSecond, microseconds: 1_000_000, refused: 0, failed: 0, p50: 1, p99: 2),
            cost: [ProcessCost(process: "service", microsecondsPerRequest: 40, isServer: true)], corePercentWhenCalm: corePercent,
            eventsPerSecondWhenCalm: 2, openedWithin: 80, residentBytes: 50_000_000,
            disturbance: Disturbance(foreignShare: foreign, stolenShare: 0), faults: faults)
    }

    private static func report(_ measurements: [StreamReport.Measurement]) -> StreamReport {
        StreamReport(
            setup: .init(
                date: "2026-01-01", command: "make bench", rounds: 2, seconds: 5, connections: 256, cpuModel: "CPU", cores: 2, kernel: "Linux",
                versions: []),
            measurements: measurements)
    }

    @Test func aWatchedSaleIsHeldAgainstAnUnwatchedOneOfItsRound() {
        let report = Self.report([
            Self.measured(.nobody, 1, perSecond: 1_000), Self.measured(.full, 1, perSecond: 980, corePercent: 9),
            Self.measured(.nobody, 2, perSecond: 2_000), Self.measured(.full, 2, perSecond: 2_000, corePercent: 11),
            Self.measured(.full, 3, perSecond: 1),
        ])
        #expect(report.compare(.full) { $0.peak.perSecond / $1.peak.perSecond } == Spread([0.98, 1]))
        #expect(report.markdown.contains("0.990 (0.980–1.000), met"))
        #expect(report.markdown.contains("9.0 (8.0–10.0), met"))
    }

    @Test(arguments: [(perSecond: 960, corePercent: 1.0), (perSecond: 1_000, corePercent: 17.0)])
    func whatTakesTooMuchIsMissed(perSecond: Int, corePercent: Double) {
        let report = Self.report([
            Self.measured(.nobody, 1, perSecond: 1_000), Self.measured(.shop, 1, perSecond: perSecond, corePercent: corePercent),
        ])
        #expect(report.markdown.split(separator: "**missed**").count == 2)
    }

    @Test func aBusyMachineIsADoubtAndALostStreamAFault() {
        let report = Self.report([
            Self.measured(.nobody, 1, perSecond: 1), Self.measured(.full, 1, perSecond: 1, foreign: 0.5, faults: ["3 streams ended"]),
        ])
        #expect(report.doubts.count == 1)
        #expect(report.faults == ["full, round 1: 3 streams ended"])
    }
}
