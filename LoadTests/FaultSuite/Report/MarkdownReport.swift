import Foundation
import LoadModel
import LoadSupport

/// The report for people.
package enum MarkdownReport {
    package static func text(_ report: FaultReport) -> String {
        var lines = [summary(report)]
        lines += [
            "", "## Trials", "",
            "| test | verdict | seed | s | requests | 201 | faults, and for each kind the longest refusal / recovery in s | statuses | figures | bar | violations |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for trial in report.trials {
            let violations = trial.violations.map { "**\($0.rule)**: \($0.figures)" } + (trial.reason.map { [$0] } ?? [])
            lines.append(
                row(
                    "\(trial.scenario)#\(trial.repetition)", verdict(trial.verdict), "\(trial.seed)", number(trial.seconds), "\(trial.requests)",
                    "\(trial.committed)", faults(trial), counts(trial.statuses),
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
            "# \(report.title)", "",
            "Commit `\(report.commit)`, \(report.startedAt), seed \(report.seed), scale \(number(report.scale)), \(report.cores) cores, "
                + "\(number(report.seconds)) s.", "",
            "Refusal: purchases were refused for the moment or went unanswered, and none was sold, for 0.3 s or longer. Recovery: from the fault to the end of the refusal.",
            "",
            "| test | what | runs | failed | requests | 201 | faults | violations | refusal s | recovery s | failure rate below (95 %) |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for summary in report.summaries {
            let bound = summary.failureRateBelow.map { "\(number($0 * 100)) %" } ?? "-"
            let runs = summary.runs == 0 ? "not run" : "\(summary.runs)"
            lines.append(
                row(
                    summary.scenario, summary.title, runs, "\(summary.failed)", "\(summary.requests)", "\(summary.committed)", "\(summary.faults)",
                    "\(summary.violations)", summary.refusalSecondsMax.map(number) ?? "-", summary.recoverySecondsMax.map(number) ?? "-", bound))
        }
        for none in report.inapplicable {
            lines.append(row(none.scenario, none.reason, "does not apply", "-", "-", "-", "-", "-", "-", "-", "-"))
        }
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

    private static func faults(_ trial: TrialResult) -> String {
        trial.faults.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { fault, count in
            let effect = trial.effects.first { $0.fault == fault }.map { ": \(number($0.refusalSeconds)) / \(number($0.recoverySeconds))" }
            return "\(count) × \(fault)\(effect ?? "")"
        }.joined(separator: "<br>")
    }

    private static func counts(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) × \($0.key)" }.joined(separator: "<br>")
    }

    private static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }
}
