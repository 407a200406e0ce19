import BenchModel
import Testing

@Suite struct GrowthReportTests {
    private static func point(_ axis: GrowthAxis, _ size: Int, cost: Double, foreign: Double = 0, faults: [String] = []) -> GrowthPoint {
        GrowthPoint(
            axis: axis, size: size, loop: ClosedLoop(requests: 1_000, microseconds: 1_000_000, refused: 0, failed: 0, p50: 1_000, p99: 2_000),
            cost: [
                ProcessCost(process: "service", microsecondsPerRequest: cost, isServer: true),
                ProcessCost(process: "wrk", microsecondsPerRequest: 5, isServer: false),
            ],
            residentBytesMax: 50_000_000, disturbance: Disturbance(foreignShare: foreign, stolenShare: 0), faults: faults)
    }

    private static func report(_ points: [GrowthPoint], storms: [AcceptStorm] = []) -> GrowthReport {
        GrowthReport(
            setup: .init(
                date: "2026-01-01", command: "seckill-bench growth", rounds: 1, seconds: 4, connections: 256, cpuModel: "CPU", cores: 2,
                kernel: "Linux", versions: []),
            points: points, storms: storms)
    }

    @Test func growthComparesTheMediansOfTheLargestAndTheSmallestSize() {
        let report = Self.report([
            Self.point(.orders, 10, cost: 90), Self.point(.orders, 0, cost: 30), Self.point(.orders, 10, cost: 60),
            Self.point(.orders, 10, cost: 60), Self.point(.orders, 5, cost: 1), Self.point(.sales, 1, cost: 7),
        ])
        #expect(report.growth(of: .orders) == 2)
        #expect(report.growth(of: .sales) == nil)
        #expect(report.markdown.contains("**it grows.**"))
        #expect(report.sizes(of: .orders) == [0, 5, 10])
        #expect(report.axes == [.orders, .sales])
    }

    @Test func aLittleMoreIsNoGrowth() {
        let report = Self.report([Self.point(.skus, 1, cost: 30), Self.point(.skus, 10, cost: 33)])
        #expect(report.markdown.contains("it does not grow."))
    }

    @Test func oneDisturbedMeasurementLeavesTheReportInconclusive() {
        #expect(!Self.report([Self.point(.orders, 0, cost: 1, foreign: 0.3)]).isConclusive)
        #expect(Self.report([Self.point(.orders, 0, cost: 1)]).isConclusive)
    }

    @Test func aFaultNamesItsSize() {
        #expect(Self.report([Self.point(.skus, 100, cost: 1, faults: ["late"])]).faults == ["skus, 100: late"])
    }

    @Test func aStormFailsForThoseWhoHeardNothing() {
        let storm = AcceptStorm(
            connections: 200, latencies: Array(1...100).reversed(), seconds: 1.5, disturbance: Disturbance(foreignShare: 0, stolenShare: 0))
        #expect(storm.answered == 100)
        #expect(storm.failed == 100)
        #expect(storm.p50 == 51)
        #expect(storm.p99 == 100)
        #expect(Self.report([], storms: [storm]).markdown.contains("| 200 | 100 | 100 | 1.50 |"))
    }

    @Test func aPlotHasALinePerProcessAndOneForTheirSum() {
        let svg = Self.report([Self.point(.orders, 0, cost: 30), Self.point(.orders, 1_000_000, cost: 60)]).plot(of: .orders).svg
        #expect(svg.hasPrefix("<svg "))
        #expect(svg.contains(">all servers</text>"))
        #expect(svg.contains(">1,000,000</text>"))
        // 60 of 100 on a scale of 272: the largest value lies below the top.
        #expect(svg.contains("56.0,230.4 520.0,148.8"))
    }
}
