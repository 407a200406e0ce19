import LoadModel
import Testing

@Suite struct MergedRunTests {
    static func part(
        startedAt: String = "2026-01-01T00:00:00Z", tally: Tally = RunReportTests.tally(), invariants: [Finding] = [],
        thresholds: [Threshold] = []
    ) -> MergedRun.Part {
        var setup = RunReportTests.setup
        setup.startedAt = startedAt
        let samples = (0...2).map { second in
            MachineSample(
                at: Double(second),
                processes: ["generator", "service"].map { ProcessReading(name: $0, cpuSeconds: Double(second), residentBytes: 1) }, metrics: [:])
        }
        let report = RunReport(
            setup: setup, machine: RunReportTests.machine, tally: tally, groups: [("purchase", tally)], samples: samples,
            lagLimitMicroseconds: 10_000, used: [ProcessReading(name: "generator", cpuSeconds: 2), ProcessReading(name: "service", cpuSeconds: 4)],
            invariants: invariants, thresholds: thresholds, isInterrupted: false)
        return MergedRun.Part(report: report, file: TallyFile(total: tally, groups: [("purchase", tally)]))
    }

    @Test func countsAddUpAndRatesAreOfTheWhole() {
        let report = MergedRun([Self.part(), Self.part()], thresholds: []).report
        #expect(report.offered == 20)
        #expect(report.outcomes[0].count == 8)
        #expect(report.outcomes[0].timeline == [6, 2, 0, 0])
        #expect(report.setup.rate == 10 && report.setup.users == 20 && report.setup.connections == 4)
        #expect(report.exit == .ok)
    }

    @Test func aLaterRunStandsWhereItBegan() {
        let report = MergedRun([Self.part(startedAt: "2026-01-01T00:00:03.100Z"), Self.part()], thresholds: []).report
        #expect(report.outcomes[0].timeline == [3, 1, 0, 3, 1, 0, 0])
        #expect(report.setup.startedAt == "2026-01-01T00:00:00Z")
        #expect(report.setup.seconds == 5)
    }

    @Test func onlyGeneratorsAreSeveral() {
        let report = MergedRun([Self.part(), Self.part(startedAt: "2026-01-01T00:00:01Z")], thresholds: []).report
        #expect(report.cpu.map(\.process) == ["generator 1", "service", "generator 2"])
        #expect(report.series.processes.map(\.process) == ["generator 1", "service", "generator 2"])
        #expect(report.series.sampledAt == [0, 1, 2, 3])
        #expect(report.series.processes[2].cores == [nil, nil, 1, 1])
    }

    @Test func aRuleHoldsWhenItHoldsEverywhere() {
        let good = Finding("no_oversell", true, "1 of 2")
        let bad = Finding("no_oversell", false, "3 of 2")
        let report = MergedRun([Self.part(invariants: [good]), Self.part(invariants: [bad])], thresholds: []).report
        #expect(report.invariants == [Finding("no_oversell", false, "run 1: 1 of 2; run 2: 3 of 2")])
        #expect(report.exit == .failed)
    }

    @Test func aThresholdOfTheWholeReplacesThoseOfTheParts() {
        let parts = [Self.part(thresholds: [.committed(perSecond: 1)]), Self.part(thresholds: [.committed(perSecond: 1)])]
        let report = MergedRun(parts, thresholds: [.committed(perSecond: 2)]).report
        #expect(report.thresholds.map(\.rule) == ["threshold_committed_rate"])
        #expect(report.thresholds[0].figures == "2.2 per second, at least 2.0")
    }

    @Test func oneLateGeneratorSpoilsTheSchedule() {
        let report = MergedRun([Self.part(), Self.part(tally: RunReportTests.tally(lagMilliseconds: 50))], thresholds: []).report
        #expect(report.exit == .schedule)
    }
}
