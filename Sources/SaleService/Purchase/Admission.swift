import FlowControl
package import SaleCore
import Synchronization

/// Decides, before Redis is asked, whether one more purchase can be carried to its end in the
/// promised time. Shared by all event loops.
///
/// Bounds count and time: at most `capacity` purchases are between their admission and their
/// verdict, and none is admitted while those ahead of it would take longer than the promised wait,
/// or while a transaction has been under way for longer than that.
package final class Admission: Sendable {
    /// Smaller transactions cost mostly their round trip: they say how many orders a second fit at
    /// least, not at most.
    private static let telltaleBatch = 64
    private static let idle: UInt64 = 0

    private let capacity: Int
    private let promisedWaitNanoseconds: UInt64
    private let underWay = Atomic<Int>(0)
    private let oldestCommit = Atomic<UInt64>(idle)
    private let commits = Mutex(Commits())
    private let orderNanoseconds = Atomic<UInt64>(0)

    private struct Commits {
        /// When those that are under way began: one per writer at most.
        var begun: [MonotonicInstant] = []
        var lastEnd = MonotonicInstant.earliest
        var rate = ServiceRate(timeConstantSeconds: 1)
    }

    package init(capacity: Int, promisedWait: Duration) {
        self.capacity = capacity
        self.promisedWaitNanoseconds = promisedWait.nanoseconds
    }

    /// Purchases between their admission and their verdict.
    package var count: Int { underWay.load(ordering: .relaxed) }

    /// Takes one place; `false` means: refuse as overloaded. Whoever is admitted gives the place
    /// back by `release`.
    package func admit(at now: MonotonicInstant) -> Bool {
        let ahead = underWay.wrappingAdd(1, ordering: .relaxed).oldValue
        let started = oldestCommit.load(ordering: .relaxed)
        let isStalled = started != Self.idle && MonotonicInstant(nanoseconds: started).duration(to: now) > promisedWaitNanoseconds
        let isTooLong = UInt64(max(0, ahead)) * orderNanoseconds.load(ordering: .relaxed) > promisedWaitNanoseconds
        guard ahead < capacity, !isStalled, !isTooLong else {
            release(1)
            return false
        }
        return true
    }

    package func release(_ count: Int) {
        underWay.wrappingSubtract(count, ordering: .relaxed)
    }

    /// A transaction, or its repetition, is about to be sent.
    package func commitBegan(at now: MonotonicInstant) {
        commits.withLock { commits in
            commits.begun.append(now)
            storeOldest(of: commits)
        }
    }

    /// How long the oldest batch that was taken off the queue waits for its verdicts, in
    /// nanoseconds; `nil` when there is none.
    package func commitAge(at now: MonotonicInstant) -> UInt64? {
        let started = oldestCommit.load(ordering: .relaxed)
        return started == Self.idle ? nil : MonotonicInstant(nanoseconds: started).duration(to: now)
    }

    /// The transaction that began at `began` has its verdicts.
    package func commitEnded(orders: Int, began: MonotonicInstant, at now: MonotonicInstant) {
        let perOrder = commits.withLock { commits -> Double in
            if let index = commits.begun.firstIndex(of: began) { commits.begun.remove(at: index) }
            storeOldest(of: commits)
            // Of two that overlap, each is charged with what it took beyond the other. A small one
            // does not say what fits into that.
            let alone = max(began, commits.lastEnd)
            commits.lastEnd = max(now, commits.lastEnd)
            if orders >= Self.telltaleBatch {
                commits.rate.record(count: orders, seconds: Self.seconds(from: alone, to: now))
            } else {
                commits.rate.recordAtLeast(count: orders, seconds: Self.seconds(from: began, to: now))
            }
            return commits.rate.expectedWaitSeconds(behind: 1)
        }
        orderNanoseconds.store(UInt64(perOrder * 1e9), ordering: .relaxed)
    }

    private func storeOldest(of commits: borrowing Commits) {
        oldestCommit.store(commits.begun.first.map { max($0.nanoseconds, Self.idle + 1) } ?? Self.idle, ordering: .relaxed)
    }

    private static func seconds(from: MonotonicInstant, to: MonotonicInstant) -> Double { Double(from.duration(to: to)) / 1e9 }
}
