import Foundation
import LoadModel

/// The report for people.
package enum MarkdownReport {
    package static func text(_ report: FaultReport) -> String {
        var lines = [summary(report)]
        lines += [
            "", "## Trials", "",
            "| test | verdict | seed | s | requests | faults | statuses | figures | bar | violations |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for trial in report.trials {
            let violations = trial.violations.map { "**\($0.rule)**: \($0.figures)" } + (trial.reason.map { [$0] } ?? [])
            lines.append(
                row(
                    "\(trial.scenario)#\(trial.repetition)", verdict(trial.verdict), "\(trial.seed)", number(trial.seconds), "\(trial.requests)",
                    counts(trial.faults), counts(trial.statuses),
                    trial.figures.sorted { $0.key < $1.key }.map { "\($0.key) \(number($0.value))" }.joined(separator: "<br>"), trial.bar,
                    violations.isEmpty ? "0" : violations.joined(separator: "<br>")))
        }
        let notes = report.trials.flatMap { trial in trial.notes.map { "* \(trial.scenario)#\(trial.repetition): \($0)" } }
        if !notes.isEmpty { lines += ["", "## Notes", ""] + notes }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line per test.
    package static func summary(_ report: FaultReport) -> String {
        var lines = [
            "# Faults", "",
            "Commit `\(report.commit)`, \(report.startedAt), seed \(report.seed), scale \(number(report.scale)), \(report.cores) cores, "
                + "\(number(report.seconds)) s.", "",
            "| test | what | runs | failed | violations | failure rate below (95 %) |", "| --- | --- | --- | --- | --- | --- |",
        ]
        for summary in report.summaries {
            let bound = summary.failureRateBelow.map { "\(number($0 * 100)) %" } ?? "-"
            let runs = summary.runs == 0 ? "not run" : "\(summary.runs)"
            lines.append(row(summary.scenario, summary.title, runs, "\(summary.failed)", "\(summary.violations)", bound))
        }
        for none in report.inapplicable { lines.append(row(none.scenario, none.reason, "does not apply", "-", "-", "-")) }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: String...) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|").replacing("\n", with: " ") }.joined(separator: " | ") + " |"
    }

    private static func verdict(_ verdict: TrialResult.Verdict) -> String {
        switch verdict {
        case .passed: "pass"
        case .failed: "**FAIL**"
        case .notRun: "not run"
        }
    }

    private static func counts(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) × \($0.key)" }.joined(separator: "<br>")
    }

    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }
}
