/// What the buyers felt of one kind of fault.
package struct FaultEffect: Sendable, Codable, Equatable {
    package var fault: String
    /// In which purchases were refused for the moment or went unanswered, and none was sold; the
    /// longest of all faults of this kind.
    package var refusalSeconds: Double
    /// From the fault to the end of the last such time.
    package var recoverySeconds: Double

    mutating func merge(_ other: FaultEffect) {
        refusalSeconds = max(refusalSeconds, other.refusalSeconds)
        recoverySeconds = max(recoverySeconds, other.recoverySeconds)
    }
}

/// When a fault was injected.
package struct FaultMoment: Sendable, Equatable {
    package var fault: String
    package var at: ContinuousClock.Instant
}
