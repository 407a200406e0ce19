import Foundation

/// How much of its time the calling thread runs or waits for a core, from `/proc/thread-self/schedstat`.
struct ThreadOccupation {
    /// Over less than this, a share says nothing.
    private static let elapsedMin: UInt64 = 300_000_000
    private let startedAt: UInt64
    private let occupiedBefore: UInt64

    /// `nil` where the kernel keeps no such statistics.
    init?(now: UInt64) {
        guard let occupied = Self.occupied() else { return nil }
        startedAt = now
        occupiedBefore = occupied
    }

    /// From 0 to 1. To be asked on the same thread.
    func share(now: UInt64) -> Double? {
        guard now > startedAt, now - startedAt >= Self.elapsedMin, let occupied = Self.occupied() else { return nil }
        return min(1, Double(occupied - occupiedBefore) / Double(now - startedAt))
    }

    /// Nanoseconds on a core, and nanoseconds ready to run without one.
    private static func occupied() -> UInt64? {
        guard let text = try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8) else { return nil }
        let numbers = text.split(separator: " ").prefix(2).compactMap { UInt64($0) }
        return numbers.count == 2 ? numbers[0] + numbers[1] : nil
    }
}
