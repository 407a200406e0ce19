import Foundation
import Glibc
import LoadModel
package import LoadSupport

/// Runs scenarios one after another, each on servers of its own.
package struct SuiteRun: Sendable {
    package var scenarios: [Scenario]
    package var seed: UInt64
    package var repetitions = 1
    package var scale = 1.0
    /// The `seckill` under test; absolute.
    package var executable: String
    package var report: ReportFolder?
    /// Of the report.
    package var title = "Faults"
    package var inapplicable: [FaultReport.Inapplicable] = []
    /// What the names of the trials' directories begin with; absolute.
    package var place = "/tmp/seckill-faults-\(getpid())"
    /// Progress, line by line.
    package var say: @Sendable (String) -> Void = { _ in }

    package init(scenarios: [Scenario], seed: UInt64, executable: String) {
        self.scenarios = scenarios
        self.seed = seed
        self.executable = executable
    }

    package func execute() async throws -> FaultReport {
        let (startedAt, start) = (Date(), ContinuousClock.now)
        var results: [TrialResult] = []
        func summary() async -> FaultReport {
            FaultReport(
                title: title, commit: await Self.commit(), startedAt: startedAt.formatted(.iso8601), seconds: Self.seconds(since: start), seed: seed,
                scale: scale,
                cores: ProcessInfo.processInfo.activeProcessorCount, trials: results,
                inapplicable: inapplicable)
        }
        for repetition in 1...max(1, repetitions) {
            for scenario in scenarios {
                try Task.checkCancellation()
                let result = try await run(scenario, repetition: repetition)
                results.append(result)
                say(Self.line(result))
                // What is known so far survives an interruption.
                try await report?.write(summary())
            }
        }
        return await summary()
    }

    private func run(_ scenario: Scenario, repetition: Int) async throws -> TrialResult {
        let seed = Self.seed(of: scenario.id, repetition: repetition, base: seed)
        let directory = "\(place)-\(scenario.id)-\(repetition)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        say("\(scenario.id)#\(repetition)  seed \(seed)  \(scenario.title)")
        let trial = Trial(seed: seed, directory: directory, executable: executable, scale: scale, say: say)
        let start = ContinuousClock.now
        var verdict = TrialResult.Verdict.passed
        var reason: String?
        do {
            try await scenario.run(trial)
        } catch let missing as NotRun {
            (verdict, reason) = (.notRun, missing.description)
        } catch {
            (verdict, reason) = (.failed, "ended by an error: \(error)")
        }
        let record = trial.record
        if verdict == .passed, let emptiness = record.emptiness { (verdict, reason) = (.failed, emptiness) }
        if !record.findings.allSatisfy(\.passed) { verdict = .failed }
        if verdict == .failed { report?.keepLogs(of: directory, as: "\(scenario.id)-\(repetition)") }
        return TrialResult(
            scenario: scenario.id, title: scenario.title, bar: scenario.bar, repetition: repetition, seed: seed, verdict: verdict, reason: reason,
            seconds: Self.seconds(since: start), requests: record.requests, committed: record.statuses["201", default: 0],
            reserved: record.statuses["202", default: 0], faults: record.faults, effects: record.effects, statuses: record.statuses,
            findings: record.findings, figures: record.figures, notes: record.notes)
    }

    /// The first repetition of a scenario runs under the seed of the suite, so that
    /// `--only X --seed N` replays it; the others under seeds made from it.
    static func seed(of scenario: String, repetition: Int, base: UInt64) -> UInt64 {
        guard repetition > 1 else { return base }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in scenario.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var mixed = SplitMix64(seed: base ^ hash &+ UInt64(repetition))
        return mixed.next() >> 16
    }

    private static func line(_ result: TrialResult) -> String {
        let faults = result.faults.values.reduce(0, +)
        let head =
            "\(result.scenario)#\(result.repetition)  \(result.verdict.rawValue)  \(result.seconds) s  \(result.requests) requests, "
            + "\(result.committed) answered 201, \(faults) faults"
        let violations = result.violations.map { "    \($0.rule): \($0.figures)" }
        return ([head] + (result.reason.map { ["    \($0)"] } ?? []) + violations).joined(separator: "\n")
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        ((ContinuousClock.now - start).seconds * 100).rounded() / 100
    }

    private static func commit() async -> String {
        let outcome = try? await Subprocess("git")(["-C", FileManager.default.currentDirectoryPath, "rev-parse", "--short=12", "HEAD"])
        return outcome.flatMap { $0.status == 0 ? $0.data.trimmingCharacters(in: .whitespacesAndNewlines) : nil } ?? "unknown"
    }
}

extension Trial.Record {
    /// Why a trial has shown nothing, if so.
    var emptiness: String? {
        if findings.isEmpty { return "nothing was judged" }
        if faults.isEmpty { return "no fault happened" }
        return statuses["201", default: 0] == 0 ? "nothing was sold" : nil
    }
}
