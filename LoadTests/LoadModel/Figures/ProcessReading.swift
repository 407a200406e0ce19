/// What a process and its descendants have used, at one moment.
package struct ProcessReading: Sendable, Equatable {
    /// What the operator calls it.
    package var name: String
    package var cpuSeconds: Double
    /// Memory on the machine. Of descendants only what they share with nobody, so that pages in
    /// common count once.
    package var residentBytes: UInt64

    package init(name: String, cpuSeconds: Double, residentBytes: UInt64 = 0) {
        self.name = name
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
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
