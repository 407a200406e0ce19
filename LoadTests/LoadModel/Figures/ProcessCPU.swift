/// CPU time that a process and its descendants have used, at one moment.
package struct ProcessCPU: Sendable, Equatable {
    /// What the operator calls it.
    package var name: String
    package var seconds: Double

    package init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}

/// CPU time that a process used during a run, and what that is per purchase.
package struct CPUShare: Sendable, Equatable, Codable {
    package var process: String
    package var seconds: Double
    /// Of one core.
    package var cores: Double
    /// `nil` when nothing was answered.
    package var microsecondsPerAnswer: Double?
    /// Per 201 and 202; `nil` when nothing was bought.
    package var microsecondsPerPurchase: Double?

    package init(process: String, seconds: Double, elapsed: Double, answers: UInt64, purchases: UInt64) {
        self.process = process
        self.seconds = seconds
        self.cores = elapsed > 0 ? seconds / elapsed : 0
        self.microsecondsPerAnswer = answers > 0 ? seconds * 1e6 / Double(answers) : nil
        self.microsecondsPerPurchase = purchases > 0 ? seconds * 1e6 / Double(purchases) : nil
    }
}
