import SaleCore

/// Several generators' runs against one service as if they had been one.
package struct MergedRun: Sendable {
    package struct Part: Sendable {
        package var report: RunReport
        package var file: TallyFile

        package init(report: RunReport, file: TallyFile) {
            self.report = report
            self.file = file
        }
    }

    package private(set) var report: RunReport
    package private(set) var tally: Tally
    package private(set) var groups: [(name: String, tally: Tally)]

    /// - Parameters:
    ///   - parts: at least one.
    ///   - thresholds: of the whole; they replace the parts' own of the same name.
    package init(_ parts: [Part], thresholds: [Threshold]) {
        let offsets = Self.offsets(parts.map(\.report))
        var tally = Tally()
        var groups: [(name: String, tally: Tally)] = []
        for (part, offset) in zip(parts, offsets) {
            tally.add(part.file.total.delayed(seconds: offset))
            for group in part.file.groups {
                let place = groups.firstIndex { $0.name == group.name } ?? groups.count
                if place == groups.count { groups.append((group.name, Tally())) }
                groups[place].tally.add(group.tally.delayed(seconds: offset))
            }
        }
        let reports = parts.map(\.report)
        let elapsed = Double(tally.lastOutcomeAt) / 1e9
        let own = thresholds.map { [tally] in $0.finding(tally, elapsed: elapsed) }
        let inherited = Self.merged(reports.map(\.thresholds)).filter { finding in !own.contains { $0.rule == finding.rule } }
        let processes = MergedProcesses(reports, offsets: offsets)
        var report = RunReport(
            setup: MergedSetup.setup(reports, offsets: offsets), machine: MergedSetup.machine(reports), tally: tally, groups: groups,
            lagLimitMicroseconds: reports.map(\.lagLimitMicroseconds).min() ?? 0, used: processes.used,
            invariants: Self.merged(reports.map(\.invariants)), thresholds: [], moreThresholds: inherited + own,
            isInterrupted: reports.contains(where: \.isInterrupted), endedEarly: true)
        report.series.sampledAt = processes.sampledAt
        report.series.processes = processes.processes
        report.series.metrics = processes.metrics
        report.setScheduleKept(report.isScheduleKept && reports.allSatisfy(\.isScheduleKept))
        self.report = report
        self.tally = tally
        self.groups = groups
    }

    /// Whole seconds from the first start to each.
    private static func offsets(_ reports: [RunReport]) -> [Int] {
        let starts = reports.map { Timestamp(rfc3339: $0.setup.startedAt)?.milliseconds ?? 0 }
        let first = starts.min() ?? 0
        return starts.map { Int(($0 - first + 500) / 1_000) }
    }

    /// A rule holds when it holds in every run.
    private static func merged(_ runs: [[Finding]]) -> [Finding] {
        var rules: [String] = []
        for finding in runs.joined() where !rules.contains(finding.rule) { rules.append(finding.rule) }
        return rules.map { rule in
            let findings = runs.enumerated().flatMap { run, findings in findings.filter { $0.rule == rule }.map { (run, $0) } }
            let figures = findings.map { "run \($0 + 1): \($1.figures)" }.joined(separator: "; ")
            return Finding(rule, findings.allSatisfy { $1.passed }, findings.count == 1 ? findings[0].1.figures : figures)
        }
    }
}

extension Tally {
    /// The same, counted from an earlier start.
    fileprivate func delayed(seconds delay: Int) -> Tally {
        var later = self
        later.seconds = Array(repeating: Second(), count: seconds.isEmpty ? 0 : delay) + seconds
        later.lastTakenUpAt += UInt64(delay) * 1_000_000_000
        later.lastOutcomeAt += UInt64(delay) * 1_000_000_000
        return later
    }
}
