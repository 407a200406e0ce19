import Foundation
import LoadModel

/// How the calling thread spends its time, from `/proc/thread-self/schedstat`.
struct ThreadOccupation {
    /// Over less than this, a share says nothing.
    private static let elapsedMin: UInt64 = 300_000_000
    private let startedAt: UInt64
    private let before: (running: UInt64, ready: UInt64)

    /// `nil` where the kernel keeps no such statistics.
    init?(now: UInt64) {
        guard let before = Self.read() else { return nil }
        startedAt = now
        self.before = before
    }

    /// To be asked on the same thread.
    func share(now: UInt64) -> ThreadShare? {
        guard now > startedAt, now - startedAt >= Self.elapsedMin, let after = Self.read() else { return nil }
        let elapsed = Double(now - startedAt)
        return ThreadShare(
            running: min(1, Double(after.running - before.running) / elapsed), ready: min(1, Double(after.ready - before.ready) / elapsed))
    }

    /// Nanoseconds on a core, and nanoseconds ready to run without one.
    private static func read() -> (running: UInt64, ready: UInt64)? {
        guard let text = try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8) else { return nil }
        let numbers = text.split(separator: " ").prefix(2).compactMap { UInt64($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }
}
