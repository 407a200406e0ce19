/// The tables of the report page.
enum ReportTables {
    /// The figures at the top, by name.
    static func tiles(_ report: RunReport) -> [(name: String, value: String)] {
        func rate(_ outcome: Outcome) -> Double { report.outcomes.first { $0.outcome == outcome }?.perSecond ?? 0 }
        func count(_ group: OutcomeGroup) -> UInt64 { report.outcomes.reduce(0) { $1.group == group ? $0 + $1.count : $0 } }
        let committed = report.outcomes.first { $0.outcome == .committed && $0.count > 0 }?.latencyMicroseconds
        return [
            ("offered per second", TableReport.decimal(report.offeredPerSecond, 0)),
            ("committed per second", TableReport.decimal(rate(.committed), 0)),
            ("p50 of committed, ms", committed.map { TableReport.milliseconds($0.p50) } ?? "–"),
            ("p99 of committed, ms", committed.map { TableReport.milliseconds($0.p99) } ?? "–"),
            ("refused", String(count(.refused))), ("without a clear answer", String(count(.unknown))),
        ]
    }

    /// What failed stands first. A name may be broken after each of its words.
    static func findings(_ report: RunReport) -> String {
        let all = report.invariants.map { ("rule", $0) } + report.thresholds.map { ("threshold", $0) }
        let rows = (all.filter { !$1.passed } + all.filter { $1.passed }).map { kind, finding in
            [
                finding.passed ? "<span class=\"pass\">✓ pass</span>" : "<span class=\"fail\">✗ fail</span>",
                "<code>\(HTMLText.escaped(finding.rule).replacing("_", with: "_<wbr>"))</code>", kind, HTMLText.escaped(finding.figures),
            ]
        }
        return HTMLText.table([["", "name", "kind", "figures"]] + rows, isText: true)
    }

    static func outcomes(_ report: RunReport) -> String {
        let rows = report.outcomes.filter { $0.count > 0 }.map { line in
            [HTMLText.escaped(line.outcome.rawValue), line.group.rawValue, String(line.count), TableReport.decimal(line.perSecond, 1)]
                + latencies(line.latencyMicroseconds)
        }
        return HTMLText.table([["outcome", "group", "count", "per s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"]] + rows)
    }

    static func groups(_ report: RunReport) -> String {
        let rows = report.groups.flatMap { group in
            group.outcomes.map { line in
                [HTMLText.escaped(group.name), String(group.offered), line.outcome.rawValue, String(line.count)]
                    + latencies(line.latencyMicroseconds)
            }
        }
        return HTMLText.table([["part", "offered", "outcome", "count", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"]] + rows)
    }

    static func ramp(_ report: RunReport) -> String {
        let rows = report.ramp?.steps.map { step in
            [
                TableReport.decimal(step.rate, 0), String(step.offered), TableReport.decimal(step.committedPerSecond, 1),
                TableReport.milliseconds(step.p50Microseconds), TableReport.milliseconds(step.p99Microseconds),
                TableReport.milliseconds(step.lagP99Microseconds), step.miss?.rawValue ?? "kept",
            ]
        }
        return HTMLText.table([["rate", "offered", "committed/s", "p50 ms", "p99 ms", "lag p99 ms", "verdict"]] + (rows ?? []))
    }

    static func drifts(_ report: RunReport) -> String {
        let rows = report.drifts?.map { drift in
            [
                HTMLText.escaped(drift.name), "\(TableReport.decimal(drift.median, 2)) \(drift.unit)",
                "\(TableReport.decimal(drift.slopePerHour, 2)) \(drift.unit)", "\(TableReport.decimal(drift.growthShare * 100, 1)) %",
            ]
        }
        return HTMLText.table([["figure", "median", "slope per hour", "over the run"]] + (rows ?? []))
    }

    static func details(_ report: RunReport) -> String {
        HTMLText.table(
            [["outcome", "detail", "count"]]
                + report.details.prefix(40).map { [$0.outcome.rawValue, HTMLText.escaped($0.detail), String($0.count)] }, isText: true)
    }

    static func generator(_ report: RunReport) -> String {
        let rows = [("lag behind the schedule", report.lagMicroseconds), ("wait for a free connection", report.connectionWaitMicroseconds)]
        let busy =
            "<p class=\"muted\">The lag limit is \(TableReport.milliseconds(report.lagLimitMicroseconds)) ms at p99; the busiest generator thread ran "
            + "\(TableReport.decimal(report.generatorBusy.running * 100, 0)) % of its time and was ready without a core "
            + "\(TableReport.decimal(report.generatorBusy.ready * 100, 0)) % of it. Offered \(report.offered), completed \(report.completed), "
            + "not taken up \(report.skipped).</p>\n"
        return busy
            + HTMLText.table([["", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"]] + rows.map { [$0] + latencies($1) })
    }

    static func cpu(_ report: RunReport) -> String {
        func micro(_ value: Double?) -> String { value.map { TableReport.decimal($0, 1) } ?? "–" }
        return HTMLText.table(
            [["process", "CPU s", "cores", "µs per answer", "µs per purchase"]]
                + report.cpu.map {
                    [
                        HTMLText.escaped($0.process), TableReport.decimal($0.seconds, 2), TableReport.decimal($0.cores, 2),
                        micro($0.microsecondsPerAnswer), micro($0.microsecondsPerPurchase),
                    ]
                })
    }

    static func setup(_ report: RunReport) -> String {
        let setup = report.setup
        var rows = [
            ("target", setup.target), ("sale", setup.sale), ("SKU", setup.sku), ("units per purchase", String(setup.quantity)),
            ("users", "\(setup.users), named \(setup.usersPrefix)…"), ("arrivals per second", TableReport.decimal(setup.rate, 1)),
            ("seconds", TableReport.decimal(setup.seconds, 1)), ("spacing", setup.spacing), ("seed", String(setup.seed)),
            ("authentication", setup.auth), ("connections", String(setup.connections)), ("event loops", String(setup.threads)),
        ]
        if setup.duplicateShare > 0 {
            rows.append(("duplicates", "\(setup.parallel) at once from \(TableReport.decimal(setup.duplicateShare * 100, 1)) % of arrivals"))
        }
        if setup.idempotencyKeys { rows.append(("idempotency keys", "one per wish to buy")) }
        if setup.preferAsync { rows.append(("prefer", "respond-async")) }
        rows += setup.facts.map { ($0.name, $0.value) }
        rows += [
            ("started", setup.startedAt), ("CPU", "\(report.machine.cores) × \(report.machine.cpuModel)"), ("kernel", report.machine.kernel),
            ("report schema", String(report.schemaVersion)),
        ]
        return HTMLText.table([["setting", "value"]] + rows.map { [HTMLText.escaped($0), HTMLText.escaped($1)] }, isText: true)
    }

    private static func latencies(_ summary: LatencySummary) -> [String] {
        [summary.p50, summary.p90, summary.p99, summary.p999, summary.max].map { TableReport.milliseconds($0) }
    }
}
