/// A run report as one HTML page that needs nothing besides itself.
package enum ReportPage {
    package static func html(_ report: RunReport) -> String {
        let setup = report.setup
        let title = "\(setup.scenario) · \(setup.sale)/\(setup.sku) · \(setup.startedAt)"
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(String(decoding: PackageResources.report_css, as: UTF8.self))</style></head><body><main>
            \(head(report))\(section("Verdict", ReportTables.findings(report)))\(charts(report))\(tables(report))</main>
            <script>
            \(String(decoding: PackageResources.report_js, as: UTF8.self))</script></body></html>

            """
    }

    private static func head(_ report: RunReport) -> String {
        let setup = report.setup
        let (text, style) = verdict(report)
        let tiles = ReportTables.tiles(report).map { "<div class=\"tile\"><b>\(HTMLText.escaped($1))</b><span>\(HTMLText.escaped($0))</span></div>" }
        return """
            <h1>\(HTMLText.escaped(setup.scenario)): \(subject(report))</h1>
            <p class="muted">\(HTMLText.escaped("\(setup.target) · sale \(setup.sale), SKU \(setup.sku) · \(setup.startedAt)"))<br>\
            \(HTMLText.escaped("\(report.machine.cores) × \(report.machine.cpuModel), \(report.machine.kernel)"))</p>
            <p class="verdict \(style)">\(text)</p>
            <div class="tiles">\(tiles.joined())</div>
            \(again(setup))

            """
    }

    private static func again(_ setup: RunReport.Setup) -> String {
        guard let command = setup.command else { return "" }
        return "<p class=\"again\"><span>The same again</span> <code>\(HTMLText.escaped(command))</code></p>"
    }

    private static func subject(_ report: RunReport) -> String {
        if let ramp = report.ramp {
            return "capacity \(ramp.isKneeFound && ramp.isScheduleKept ? "" : "at least ")\(TableReport.decimal(ramp.capacity, 0)) purchases a second"
        }
        let setup = report.setup
        return "\(TableReport.decimal(setup.rate, 0)) arrivals a second for \(TableReport.decimal(setup.seconds, 1)) s"
    }

    private static func verdict(_ report: RunReport) -> (text: String, style: String) {
        switch report.exit {
        case .ok: ("✓ every rule and threshold holds", "pass")
        case .failed: ("✗ a rule or a threshold failed", "fail")
        case .schedule: ("✗ the generator did not keep its schedule: these latencies say nothing about the target", "warn")
        case .interrupted: ("interrupted: figures are of what was done until then", "warn")
        case .usage, .unreachable: ("no run", "fail")
        }
    }

    private static func charts(_ report: RunReport) -> String {
        let charts = RunCharts.all(report).map(\.html).joined()
        return charts.isEmpty ? "" : "<h2>Course of the run</h2><div class=\"charts\">\(charts)</div>\n"
    }

    private static func tables(_ report: RunReport) -> String {
        section("Ramp", ReportTables.ramp(report)) + section("Drift", ReportTables.drifts(report))
            + section("Outcomes", ReportTables.outcomes(report)) + section("Counted apart", report.ramp == nil ? ReportTables.groups(report) : "")
            + section("Answers in detail", ReportTables.details(report)) + section("Generator", ReportTables.generator(report))
            + section("CPU", ReportTables.cpu(report)) + section("Setup", ReportTables.setup(report))
    }

    private static func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<h2>\(title)</h2>\n\(content)"
    }
}
