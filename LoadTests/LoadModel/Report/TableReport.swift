/// A run report as text for people.
package enum TableReport {
    package static func text(_ report: RunReport) -> String {
        let parts = [
            head(report), outcomes(report), groups(report), ramp(report), details(report), schedule(report), cpu(report), verdict(report),
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    private static func head(_ report: RunReport) -> [String] {
        let setup = report.setup
        var extras = ["seed \(setup.seed)", "\(setup.connections) connections", "auth \(setup.auth)", "users \(setup.usersPrefix)*"]
        if setup.duplicateShare > 0 { extras.append("\(setup.parallel) at once from \(decimal(setup.duplicateShare * 100, 1)) % of arrivals") }
        if setup.idempotencyKeys { extras.append("idempotency keys") }
        if setup.preferAsync { extras.append("prefer async") }
        extras += setup.facts.map { "\($0.name) \($0.value)" }
        return [
            "\(setup.scenario)  \(setup.target)  sale \(setup.sale)  sku \(setup.sku)  quantity \(setup.quantity)",
            "\(setup.users) users, \(decimal(setup.rate, 1)) arrivals/s (\(setup.spacing)) for \(decimal(setup.seconds, 1)) s, "
                + extras.joined(separator: ", "),
            "\(report.machine.cores) × \(report.machine.cpuModel), \(report.machine.kernel)",
        ]
    }

    private static func outcomes(_ report: RunReport) -> [String] {
        let lines = report.outcomes.filter { $0.count > 0 }.map { line in
            let latency = line.latencyMicroseconds
            return [line.outcome.rawValue, String(line.count), decimal(line.perSecond, 1)]
                + [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map { milliseconds($0) }
        }
        return columns([["outcome", "count", "per s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"]] + lines)
    }

    private static func groups(_ report: RunReport) -> [String] {
        // The steps of a ramp have their own table.
        guard !report.groups.isEmpty, report.ramp == nil else { return [] }
        let lines = report.groups.flatMap { group in
            group.outcomes.map { line in
                [
                    group.name, line.outcome.rawValue, String(line.count), milliseconds(line.latencyMicroseconds.p50),
                    milliseconds(line.latencyMicroseconds.p99),
                ]
            }
        }
        return columns([["part", "outcome", "count", "p50 ms", "p99 ms"]] + lines)
    }

    private static func ramp(_ report: RunReport) -> [String] {
        guard let ramp = report.ramp else { return [] }
        let lines = ramp.steps.map { step in
            [
                decimal(step.rate, 0), String(step.offered), decimal(step.committedPerSecond, 1), milliseconds(step.p50Microseconds),
                milliseconds(step.p99Microseconds), milliseconds(step.lagP99Microseconds), step.miss?.rawValue ?? "kept",
            ]
        }
        return columns([["rate", "offered", "committed/s", "p50 ms", "p99 ms", "lag p99 ms", ""]] + lines)
    }

    private static func details(_ report: RunReport) -> [String] {
        let lines = report.details.filter { $0.outcome != .soldOut && $0.outcome != .limitReached }
        return lines.prefix(20).map { "\($0.outcome.rawValue): \($0.count) × \($0.detail)" }
    }

    private static func schedule(_ report: RunReport) -> [String] {
        var lines = [
            "offered \(report.offered) (\(decimal(report.offeredPerSecond, 1))/s), completed \(report.completed) "
                + "(\(decimal(report.completedPerSecond, 1))/s) in \(decimal(report.elapsedSeconds, 2)) s; latencies count from the intended instant",
            "generator lag p99 \(milliseconds(report.lagMicroseconds.p99)) ms, max \(milliseconds(report.lagMicroseconds.max)) ms "
                + "(limit \(milliseconds(report.lagLimitMicroseconds)) ms at p99), "
                + "running \(decimal(report.generatorBusy.running * 100, 0)) % and ready \(decimal(report.generatorBusy.ready * 100, 0)) % of its time; wait for a free connection p99 "
                + "\(milliseconds(report.connectionWaitMicroseconds.p99)) ms, max \(milliseconds(report.connectionWaitMicroseconds.max)) ms",
        ]
        if report.skipped > 0 { lines.append("\(report.skipped) purchases of the plan were not taken up") }
        if !report.isScheduleKept { lines.append("THE GENERATOR DID NOT KEEP ITS SCHEDULE: these latencies say nothing about the target") }
        return lines
    }

    private static func cpu(_ report: RunReport) -> [String] {
        guard !report.cpu.isEmpty else { return [] }
        func micro(_ value: Double?) -> String { value.map { decimal($0, 1) } ?? "-" }
        return columns(
            [["process", "cpu s", "cores", "µs/answer", "µs/purchase"]]
                + report.cpu.map {
                    [
                        $0.process, decimal($0.seconds, 2), decimal($0.cores, 2), micro($0.microsecondsPerAnswer),
                        micro($0.microsecondsPerPurchase),
                    ]
                })
    }

    private static func verdict(_ report: RunReport) -> [String] {
        let findings = report.invariants + report.thresholds
        let width = findings.map(\.rule.count).max() ?? 0
        var lines = findings.map { "\($0.passed ? "pass" : "FAIL")  \($0.rule.padded(to: width))  \($0.figures)" }
        if report.isInterrupted { lines.append("interrupted: figures and verdict are of what was done until then") }
        return lines
    }

    /// Left-aligned first column, right-aligned others.
    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == 0 ? cell.padded(to: widths[0]) : String(repeating: " ", count: widths[column] - cell.count) + cell
            }.joined(separator: "  ")
        }
    }

    /// Microseconds as milliseconds with two digits.
    package static func milliseconds(_ microseconds: UInt64) -> String { decimal(Double(microseconds) / 1_000, 2) }

    /// `value` rounded to `digits` after the point.
    package static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((value * Double(scale)).rounded())
        let magnitude = scaled.magnitude
        let fraction = String(magnitude % UInt64(scale))
        let sign = scaled < 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(magnitude)" }
        return "\(sign)\(magnitude / UInt64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
