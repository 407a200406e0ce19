import Foundation
package import LoadModel
import LoadSupport
import Synchronization

/// One run of one scenario: its seed, its place, and what came of it.
package final class Trial: Sendable {
    package struct Record: Sendable {
        package var faults: [String: Int] = [:]
        package var moments: [FaultMoment] = []
        package var effects: [FaultEffect] = []
        package var findings: [Finding] = []
        package var figures: [String: Double] = [:]
        package var notes: [String] = []
        package var statuses: [String: Int] = [:]
        package var requests = 0
    }

    package let seed: UInt64
    /// Empty at first, and this trial's alone.
    package let directory: String
    /// The `seckill` under test.
    package let executable: String
    /// How large the trial is: 1 is its full size.
    package let scale: Double
    private let random: Mutex<SplitMix64>
    private let kept = Mutex(Record())
    private let startedAt = ContinuousClock.now
    private let say: @Sendable (String) -> Void

    init(seed: UInt64, directory: String, executable: String, scale: Double, say: @escaping @Sendable (String) -> Void = { _ in }) {
        self.seed = seed
        self.directory = directory
        self.executable = executable
        self.scale = scale
        self.random = Mutex(SplitMix64(seed: seed))
        self.say = say
    }

    /// A trial for one more stack within this one, with a directory of its own; what it finds must
    /// be told to this one.
    func cell(_ name: String) throws -> Trial {
        let path = "\(directory)/\(name.replacing(" ", with: "-"))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        return Trial(seed: seed, directory: path, executable: executable, scale: scale, say: say)
    }

    package var record: Record { kept.withLock { $0 } }

    /// A number of the full-size trial, scaled down, but not below `least`.
    package func scaled(_ count: Int, atLeast least: Int = 1) -> Int {
        max(least, Int(Double(count) * scale))
    }

    package func pick(_ range: ClosedRange<Int>) -> Int {
        random.withLock { Int.random(in: range, using: &$0) }
    }

    package func pick<Element: Sendable>(_ choices: [Element]) -> Element {
        choices[pick(0...choices.count - 1)]
    }

    package func pause(_ milliseconds: ClosedRange<Int>) async throws {
        try await Task.sleep(for: .milliseconds(pick(milliseconds)))
    }

    /// A fault is about to happen.
    package func injected(_ fault: String) {
        kept.withLock {
            $0.faults[fault, default: 0] += 1
            $0.moments.append(FaultMoment(fault: fault, at: .now))
        }
        say("\(String(format: "%6.2f", (ContinuousClock.now - startedAt).seconds)) s  \(fault)")
    }

    package func check(_ rule: String, _ passed: Bool, _ figures: String) {
        add([Finding(rule, passed, figures)])
    }

    /// A rule that is judged several times is reported once, and passes when it always does.
    package func add(_ findings: [Finding]) {
        kept.withLock { record in
            for finding in findings {
                if let index = record.findings.firstIndex(where: { $0.rule == finding.rule }) {
                    if record.findings[index].passed || !finding.passed {
                        let earlier = record.findings[index].passed && !finding.passed ? "" : record.findings[index].figures + "; "
                        record.findings[index] = Finding(finding.rule, finding.passed, String((earlier + finding.figures).suffix(600)))
                    }
                } else {
                    record.findings.append(finding)
                }
            }
        }
    }

    /// Of a fault that is measured more than once, the worst stands.
    package func add(_ effects: [FaultEffect]) {
        kept.withLock { record in
            for effect in effects {
                if let index = record.effects.firstIndex(where: { $0.fault == effect.fault }) {
                    record.effects[index].merge(effect)
                } else {
                    record.effects.append(effect)
                }
            }
        }
    }

    package func figure(_ name: String, _ value: Double) {
        kept.withLock { $0.figures[name] = (value * 1_000).rounded() / 1_000 }
    }

    /// Keeps the larger.
    package func figureMax(_ name: String, _ value: Double) {
        kept.withLock { $0.figures[name] = max($0.figures[name] ?? value, (value * 1_000).rounded() / 1_000) }
    }

    package func note(_ text: String) {
        kept.withLock { $0.notes.append(text) }
    }

    package func answered(_ status: String) {
        kept.withLock { record in
            record.requests += 1
            record.statuses[status, default: 0] += 1
        }
    }
}

/// Thrown by a scenario that this machine cannot run.
package struct NotRun: Error, CustomStringConvertible {
    package var description: String

    package init(_ reason: String) {
        self.description = reason
    }
}
