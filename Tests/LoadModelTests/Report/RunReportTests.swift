import Foundation
import LoadModel
import Testing

@Suite struct RunReportTests {
    static let setup = RunReport.Setup(
        scenario: "rush", target: "http://127.0.0.1:8080", sale: "demo", sku: "phone-x", quantity: 1, users: 10, usersPrefix: "load-",
        rate: 5, seconds: 2, spacing: "constant", seed: 1, duplicateShare: 0, parallel: 1, idempotencyKeys: false, preferAsync: false,
        auth: "trusted-header", connections: 2, threads: 1, startedAt: "2026-01-01T00:00:00Z")
    static let machine = RunReport.Machine(cpuModel: "Test CPU", cores: 2, kernel: "Linux 6")

    static func tally(lagMilliseconds: UInt64 = 0) -> Tally {
        var tally = Tally()
        for arrival in 0..<10 as Range<UInt64> {
            tally.takenUp(intended: arrival * 200_000_000, now: arrival * 200_000_000 + lagMilliseconds * 1_000_000)
            let isBought = arrival < 4
            tally.ended(
                isBought ? .committed : .soldOut, detail: isBought ? nil : "409 sold_out", latency: 2_000_000, now: arrival * 400_000_000)
        }
        return tally
    }

    static func report(_ tally: Tally, interrupted: Bool = false, invariants: [Finding] = [], thresholds: [Threshold] = []) -> RunReport {
        RunReport(
            setup: setup, machine: machine, tally: tally, lagLimitMicroseconds: 10_000,
            used: [ProcessReading(name: "service", cpuSeconds: 0.5)], invariants: invariants, thresholds: thresholds, isInterrupted: interrupted)
    }

    @Test func ratesAreOfTheirOwnSpans() {
        let report = Self.report(Self.tally())
        #expect(report.offered == 10)
        #expect(report.offeredPerSecond == 5)
        #expect(report.elapsedSeconds == 3.6)
        #expect(abs(report.completedPerSecond - 10 / 3.6) < 1e-9)
        #expect(report.outcomes.map(\.count) == [4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(report.cpu.first?.microsecondsPerPurchase == 125_000)
        #expect(report.exit == .ok)
    }

    @Test func lateGeneratorHasNotKeptItsSchedule() {
        #expect(Self.report(Self.tally(lagMilliseconds: 9)).isScheduleKept)
        let late = Self.report(Self.tally(lagMilliseconds: 11))
        #expect(!late.isScheduleKept)
        #expect(late.exit == .schedule)
    }

    @Test func arrivalsThatWereLeftOutMissTheSchedule() {
        var tally = Self.tally()
        tally.skipped = 1
        #expect(Self.report(tally).exit == .schedule)
        #expect(Self.report(tally, interrupted: true).exit == .interrupted)
    }

    @Test func generatorWithoutTimeToSpareMissesTheSchedule() {
        var tally = Self.tally()
        tally.wasBusy(ThreadShare(running: 0.98, ready: 0))
        #expect(Self.report(tally).exit == .schedule)
    }

    @Test func reportSurvivesItsFile() throws {
        let report = Self.report(Self.tally(), invariants: [Finding("no_oversell", true, "4 of 10")], thresholds: [.failures(share: 0)])
        #expect(try JSONDecoder().decode(RunReport.self, from: JSONEncoder().encode(report)) == report)
        #expect(report.schemaVersion == 2)
    }

    @Test func partsThatAreCountedApartAreListed() {
        let tally = Self.tally()
        let one = RunReport(
            setup: Self.setup, machine: Self.machine, tally: tally, groups: [("all", tally)], lagLimitMicroseconds: 1, used: [], invariants: [],
            thresholds: [], isInterrupted: false)
        #expect(one.groups.isEmpty)
        let two = RunReport(
            setup: Self.setup, machine: Self.machine, tally: tally, groups: [("a", tally), ("b", Tally())], lagLimitMicroseconds: 1, used: [],
            invariants: [], thresholds: [], isInterrupted: false)
        #expect(two.groups.map(\.name) == ["a", "b"])
        #expect(two.groups[0].outcomes.map(\.outcome) == [.committed, .soldOut])
    }

    @Test func thresholdsMayBeAboutAPartOnly() {
        let report = RunReport(
            setup: Self.setup, machine: Self.machine, tally: Self.tally(), lagLimitMicroseconds: 10_000, used: [], invariants: [],
            thresholds: [.latency(percentile: 50, microseconds: 1_000_000)], measured: Tally(), isInterrupted: false)
        #expect(report.exit == .failed)
    }

    @Test func histogramSurvivesItsFile() throws {
        var histogram = LatencyHistogram()
        var random = SplitMix64(seed: 1)
        for _ in 0..<5_000 { histogram.record(nanoseconds: .random(in: 0...20_000_000_000, using: &random)) }
        let file = HistogramFile(outcome: .committed, histogram: histogram)
        let again = try JSONDecoder().decode(HistogramFile.self, from: JSONEncoder().encode(file))
        #expect(HistogramFile(outcome: .committed, histogram: again.histogram).percentiles == file.percentiles)
        #expect(again.histogram.count == 5_000)
    }
}

@Suite struct TableReportTests {
    @Test func tableShowsCountsLatenciesAndVerdict() {
        let report = RunReportTests.report(
            RunReportTests.tally(), invariants: [Finding("no_oversell", true, "4 units"), Finding("limit_per_user", false, "1 user")])
        let lines = TableReport.text(report).split(separator: "\n").map(String.init)
        #expect(lines.contains("outcome    count  per s  p50 ms  p90 ms  p99 ms  p99.9 ms  max ms"))
        #expect(lines.contains("committed      4    1.1    2.00    2.00    2.00      2.00    2.00"))
        #expect(lines.contains("sold_out       6    1.7    2.00    2.00    2.00      2.00    2.00"))
        #expect(lines.contains("pass  no_oversell     4 units"))
        #expect(lines.contains("FAIL  limit_per_user  1 user"))
    }

    @Test(arguments: [(0, 2, "0.00"), (1.005, 1, "1.0"), (12.345, 2, "12.35"), (-0.5, 1, "-0.5"), (99.99, 1, "100.0"), (2.5, 0, "3")])
    func numbersAreRounded(value: Double, digits: Int, text: String) {
        #expect(TableReport.decimal(value, digits) == text)
    }
}
