import Foundation
import LoadModel
import Testing

@Suite struct SecondHistogramTests {
    @Test func percentilesAreWithinABucketOfTheRecordedOnes() throws {
        var histogram = SecondHistogram()
        for microseconds in 1...10_000 as ClosedRange<UInt64> { histogram.record(nanoseconds: microseconds * 1_000) }
        let values = try #require(histogram.microseconds(atPercentiles: [50, 90, 99, 99.9]))
        for (value, exact) in zip(values, [5_000, 9_000, 9_900, 9_990] as [Double]) {
            #expect(Double(value) >= exact && Double(value) <= exact * 1.016 + 1)
        }
        #expect(histogram.count == 10_000)
    }

    @Test(arguments: [0, 1, 63, 64, 127, 128, 1_000, 1_000_000, UInt64(UInt32.max)])
    func anyLatencyStandsForItselfOrALittleMore(microseconds: UInt64) throws {
        var histogram = SecondHistogram()
        histogram.record(nanoseconds: microseconds * 1_000)
        let value = try #require(histogram.microseconds(atPercentiles: [50])?.first)
        #expect(value >= microseconds && Double(value) <= Double(microseconds) * 1.016)
    }

    @Test func nothingHasNoPercentiles() {
        #expect(SecondHistogram().microseconds(atPercentiles: [50]) == nil)
    }
}

@Suite struct PercentileCurveTests {
    @Test func curveRisesToTheMaximum() {
        var histogram = LatencyHistogram()
        for microseconds in 1...1_000 as ClosedRange<UInt64> { histogram.record(microseconds: microseconds, count: 1) }
        let curve = histogram.curve
        #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.percentile < $1.percentile && $0.microseconds <= $1.microseconds })
        #expect(curve.first?.percentile == 0)
        #expect(curve.contains(CurvePoint(percentile: 50, microseconds: 500)))
        #expect(curve.last == CurvePoint(percentile: 100, microseconds: 1_000))
        #expect(LatencyHistogram().curve.isEmpty)
    }
}

@Suite struct PrometheusTextTests {
    static let text = """
        # HELP seckill_queue_orders Granted orders that wait for the writer.
        # TYPE seckill_queue_orders gauge
        seckill_queue_orders 17
        seckill_purchases_total{outcome="sold out } x"} 4
        seckill_purchases_total{outcome="committed"} 3 1700000000
        seckill_commit_duration_seconds_sum 0.25
        seckill_commit_duration_seconds_bucket{le="+Inf"} 9
        broken
        """

    @Test func seriesAreSummedOverTheirLabels() {
        let names: Set = ["seckill_queue_orders", "seckill_purchases_total", "seckill_commit_duration_seconds_sum", "broken", "none"]
        #expect(
            PrometheusText.values(of: names, in: Self.text) == [
                "seckill_queue_orders": 17, "seckill_purchases_total": 7, "seckill_commit_duration_seconds_sum": 0.25,
            ])
    }
}

@Suite struct RunSeriesTests {
    static func sample(_ at: Double, cpu: Double, _ metrics: [String: Double]) -> MachineSample {
        MachineSample(
            at: at, processes: [ProcessReading(name: "service", cpuSeconds: cpu, residentBytes: UInt64(at) * 10)], metrics: metrics)
    }

    @Test func countersBecomeRatesAndHistogramsMeans() {
        let series = RunSeries(
            Tally(),
            samples: [
                Self.sample(0, cpu: 1, ["seckill_queue_orders": 1, "seckill_batch_requests_sum": 10, "seckill_batch_requests_count": 5]),
                Self.sample(1, cpu: 1.5, ["seckill_queue_orders": 4, "seckill_batch_requests_sum": 40, "seckill_batch_requests_count": 15]),
                Self.sample(3, cpu: 4.5, ["seckill_batch_requests_sum": 40, "seckill_batch_requests_count": 15]),
            ])
        #expect(series.sampledAt == [1, 3])
        #expect(series.processes.map(\.cores) == [[0.5, 1.5]])
        #expect(series.processes.map(\.residentBytes) == [[10, 30]])
        #expect(series.metrics.map(\.name) == ["queue_orders", "batch_requests"])
        #expect(series.metrics[0].values == [4, nil])
        #expect(series.metrics[1].values == [3, nil])
    }

    @Test func answersThatSellAndAnswersThatRefuseHaveTheirOwnLatencies() {
        var tally = Tally()
        tally.ended(.committed, detail: nil, latency: 50_000, now: 0)
        tally.ended(.soldOut, detail: nil, latency: 10_000, now: 1_500_000_000)
        tally.ended(.unknown, detail: nil, latency: 30_000_000_000, now: 1_500_000_000)
        let series = RunSeries(tally, samples: [])
        #expect(series.latency.map(\.group) == [.ok, .refused])
        #expect(series.latency[0].answers == [1, 0])
        #expect(series.latency[0].p99 == [50, nil])
        #expect(series.latency[1].p50 == [nil, 10])
    }

    @Test func tallySurvivesItsFile() throws {
        var tally = RunReportTests.tally(lagMilliseconds: 2)
        tally.sent(afterWait: 3_000)
        tally.skipped = 4
        tally.wasBusy(ThreadShare(running: 0.5, ready: 0.25))
        let file = TallyFile(total: tally, groups: [("part", Tally())])
        let again = try JSONDecoder().decode(TallyFile.self, from: JSONEncoder().encode(file))
        #expect(RunReportTests.report(again.total) == RunReportTests.report(tally))
        #expect(again.groups.map(\.name) == ["part"])
    }
}
