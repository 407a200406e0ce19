import LoadSupport

/// What came of a whole run of the suite. Fields are added, never changed, within one
/// `schemaVersion`.
package struct FaultReport: Sendable, Codable, Equatable {
    package struct Summary: Sendable, Codable, Equatable {
        package var scenario: String
        package var title: String
        package var runs: Int
        package var failed: Int
        package var notRun: Int
        package var requests: Int
        /// Answers 201.
        package var committed: Int
        package var faults: Int
        package var violations: Int
        package var refusalSecondsMax: Double?
        package var recoverySecondsMax: Double?
        /// With no failure in n runs, the failure rate is below 3 / n with 95 % confidence (the
        /// rule of three).
        package var failureRateBelow: Double?
    }

    /// A test of the catalogue that has nothing to test here.
    package struct Inapplicable: Sendable, Codable, Equatable {
        package var scenario: String
        package var reason: String
    }

    package var schemaVersion = 1
    /// Of the tree that was tested.
    package var commit: String
    /// RFC 3339, UTC.
    package var startedAt: String
    package var seconds: Double
    package var seed: UInt64
    package var scale: Double
    /// Of the machine.
    package var cores: Int
    package var trials: [TrialResult]
    package var summaries: [Summary]
    package var title: String
    package var inapplicable: [Inapplicable]

    package init(
        title: String, commit: String, startedAt: String, seconds: Double, seed: UInt64, scale: Double, cores: Int, trials: [TrialResult],
        inapplicable: [Inapplicable]
    ) {
        self.title = title
        self.inapplicable = inapplicable
        self.commit = commit
        self.startedAt = startedAt
        self.seconds = seconds
        self.seed = seed
        self.scale = scale
        self.cores = cores
        self.trials = trials
        self.summaries = Self.summaries(of: trials)
    }

    package var hasPassed: Bool { trials.allSatisfy { $0.verdict != .failed } }

    private static func summaries(of trials: [TrialResult]) -> [Summary] {
        var order: [String] = []
        for trial in trials where !order.contains(trial.scenario) { order.append(trial.scenario) }
        return order.map { id in
            let mine = trials.filter { $0.scenario == id }
            let runs = mine.count { $0.verdict != .notRun }
            let failed = mine.count { $0.verdict == .failed }
            return Summary(
                scenario: id, title: mine[0].title, runs: runs, failed: failed, notRun: mine.count - runs,
                requests: mine.reduce(0) { $0 + $1.requests }, committed: mine.reduce(0) { $0 + $1.committed },
                faults: mine.flatMap(\.faults.values).reduce(0, +), violations: mine.reduce(0) { $0 + $1.violations.count },
                refusalSecondsMax: mine.compactMap(\.refusalSecondsMax).max(), recoverySecondsMax: mine.compactMap(\.recoverySecondsMax).max(),
                failureRateBelow: failed == 0 && runs > 0 ? min(1, 3 / Double(runs)) : nil)
        }
    }
}
