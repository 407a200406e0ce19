package import LoadModel

/// What came of one trial.
package struct TrialResult: Sendable, Codable, Equatable {
    package enum Verdict: String, Sendable, Codable {
        case passed
        case failed
        /// This machine cannot; `reason` says what it lacks.
        case notRun = "not_run"
    }

    package var scenario: String
    package var title: String
    package var bar: String
    package var repetition: Int
    package var seed: UInt64
    package var verdict: Verdict
    /// Why it did not run, or the error that ended it.
    package var reason: String?
    package var seconds: Double
    package var requests: Int
    /// Answers 201, and answers 202.
    package var committed: Int
    package var reserved: Int
    /// Fault → how often.
    package var faults: [String: Int]
    package var effects: [FaultEffect]
    /// Status and code → how often.
    package var statuses: [String: Int]
    package var findings: [Finding]
    package var figures: [String: Double]
    package var notes: [String]

    package var violations: [Finding] { findings.filter { !$0.passed } }
    package var refusalSecondsMax: Double? { effects.map(\.refusalSeconds).max() }
    package var recoverySecondsMax: Double? { effects.map(\.recoverySeconds).max() }
}
