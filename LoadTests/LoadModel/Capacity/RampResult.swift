/// The capacity that a ramp found.
package struct RampResult: Sendable, Codable, Equatable {
    /// The highest rate that was kept up, and every lower one with it; 0 when not even the lowest
    /// was.
    package var capacity: Double
    /// Whether a higher rate was tried and missed; otherwise the capacity is at least that much.
    package var isKneeFound: Bool
    /// Up to the first that missed.
    package var steps: [RampStep]

    package init(steps all: [RampStep]) {
        let kept = all.prefix { $0.miss == nil }
        capacity = kept.last?.rate ?? 0
        isKneeFound = kept.count < all.count
        steps = Array(all.prefix(kept.count + 1))
    }

    /// The target was offered every rate up to the knee.
    package var isScheduleKept: Bool { steps.allSatisfy { $0.miss != .generator } }

    package func findings(capacityMin: Double?) -> [Finding] {
        // A generator that gave out says nothing about the target beyond what it kept up.
        let bound = isKneeFound && isScheduleKept ? "" : "at least "
        let reason = steps.last?.miss.map { ", then \($0.rawValue)" } ?? ""
        let found = Finding("capacity_found", capacity > 0, "\(bound)\(TableReport.decimal(capacity, 0)) per second\(reason)")
        guard let capacityMin else { return [found] }
        return [
            found,
            Finding(
                "threshold_capacity", capacity >= capacityMin,
                "\(TableReport.decimal(capacity, 0)) per second, at least \(TableReport.decimal(capacityMin, 0))"),
        ]
    }
}
