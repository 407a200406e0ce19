import FlowControl
import Synchronization

/// Decides, before Redis is asked, whether one more purchase can be carried to its end in the promised time. Shared by all event loops.
///
/// Bounds count and time: at most `capacity` purchases are between their admission and their verdict, and none is admitted while
/// those ahead of it would take longer than the promised wait, or while one transaction has been under way for longer than that.
package final class Admission: Sendable {
    /// Smaller transactions cost mostly their round trip: they say how many orders a second fit at least, not at most.
    private static let telltaleBatch = 64
    private static let idle: UInt64 = 0

    private let capacity: Int
    private let promisedWaitNanoseconds: UInt64
    private let underWay = Atomic<Int>(0)
    private let commitStarted = Atomic<UInt64>(idle)
    private let rate = Mutex(ServiceRate(timeConstantSeconds: 1))
    private let orderNanoseconds = Atomic<UInt64>(0)

    package init(capacity: Int, promisedWait: Duration) {
        self.capacity = capacity
        self.promisedWaitNanoseconds = promisedWait.nanoseconds
    }

    /// Purchases between their admission and their verdict.
    package var count: Int { underWay.load(ordering: .relaxed) }

    /// Takes one place; `false` means: refuse as overloaded. Whoever is admitted gives the place back by `release`.
    package func admit(at now: UInt64) -> Bool {
        let ahead = underWay.wrappingAdd(1, ordering: .relaxed).oldValue
        let started = commitStarted.load(ordering: .relaxed)
        let isStalled = started != Self.idle && now > started && now - started > promisedWaitNanoseconds
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
    package func commitBegan(at now: UInt64) {
        commitStarted.store(max(now, 1), ordering: .relaxed)
    }

    /// How long the oldest batch that was taken off the queue waits for its verdicts, in nanoseconds; `nil` when there is none.
    package func commitAge(at now: UInt64) -> UInt64? {
        let started = commitStarted.load(ordering: .relaxed)
        return started == Self.idle ? nil : now > started ? now - started : 0
    }

    /// The transaction that began last has its verdicts.
    package func commitEnded(orders: Int, at now: UInt64) {
        let started = commitStarted.exchange(Self.idle, ordering: .relaxed)
        guard started != Self.idle, now > started else { return }
        let seconds = Double(now - started) / 1e9
        let perOrder = rate.withLock { rate in
            if orders >= Self.telltaleBatch {
                rate.record(count: orders, seconds: seconds)
            } else {
                rate.recordAtLeast(count: orders, seconds: seconds)
            }
            return rate.expectedWaitSeconds(behind: 1)
        }
        orderNanoseconds.store(UInt64(perOrder * 1e9), ordering: .relaxed)
    }
}
