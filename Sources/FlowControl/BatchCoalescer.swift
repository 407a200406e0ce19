/// Lets one batch be under way while the next one gathers: no delay when idle, and batches that
/// grow by themselves under load.
///
/// Holds no items, only the state; the shell keeps what waits.
package struct BatchCoalescer: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// Nothing to do: a flush is scheduled or a batch is under way.
        case none
        /// Flush at the end of this turn, so that what arrives in the same turn goes along.
        case scheduleFlush
        /// Send the first `count` of what waits as one batch.
        case send(count: Int)
    }

    private enum State: Sendable, Equatable {
        /// Nothing waits. Next: `scheduled` when something arrives.
        case idle
        /// Something waits and a flush will come. Next: `underWay`, or `idle` when nothing waits
        /// any more.
        case scheduled
        /// A batch awaits its answer. Next: `scheduled` or `idle` when it ends.
        case underWay
    }

    private let countMax: Int
    private var state = State.idle

    package init(countMax: Int) {
        precondition(countMax > 0, "an empty batch would never end")
        self.countMax = countMax
    }

    package mutating func itemArrived() -> Action {
        switch state {
        case .idle:
            state = .scheduled
            return .scheduleFlush
        case .scheduled, .underWay:
            return .none
        }
    }

    /// The scheduled flush is due.
    package mutating func flushDue(waiting: Int) -> Action {
        switch state {
        case .scheduled where waiting > 0:
            state = .underWay
            return .send(count: min(waiting, countMax))
        case .scheduled:
            state = .idle
            return .none
        case .idle, .underWay:
            return .none
        }
    }

    package mutating func batchEnded(waiting: Int) -> Action {
        switch state {
        case .underWay where waiting > 0:
            state = .scheduled
            return .scheduleFlush
        case .underWay:
            state = .idle
            return .none
        case .idle, .scheduled:
            return .none
        }
    }
}
