/// A first-in-first-out queue with a bound, many producers and one consumer that sleeps while it is empty. A value: the shell supplies the
/// lock and the sleep.
package struct BoundedQueue<Element: Sendable>: Sendable {
    package enum AppendAction: Sendable, Equatable {
        case none
        /// The consumer sleeps and must be woken.
        case wakeConsumer
        /// Nothing was taken: the queue is full or closed.
        case refuse
    }

    package enum TakeAction: Sendable {
        case take([Element])
        /// Nothing is there: sleep until woken.
        case sleep
        /// Nothing is there and nothing will come.
        case finish
    }

    package let capacity: Int
    private var elements: [Element] = []
    private var isClosed = false
    private var isConsumerAsleep = false

    package init(capacity: Int) {
        precondition(capacity > 0, "a queue without room takes nothing")
        self.capacity = capacity
    }

    package var count: Int { elements.count }

    /// Takes all of `new` or nothing.
    package mutating func append(contentsOf new: [Element]) -> AppendAction {
        guard !isClosed, elements.count + new.count <= capacity else { return .refuse }
        elements.append(contentsOf: new)
        return wakeIfAsleep()
    }

    /// What is there, in order, `countMax` at most.
    package mutating func take(countMax: Int) -> TakeAction {
        if elements.isEmpty {
            if isClosed { return .finish }
            isConsumerAsleep = true
            return .sleep
        }
        if elements.count <= countMax {
            defer { elements.removeAll(keepingCapacity: true) }
            return .take(elements)
        }
        let head = Array(elements.prefix(countMax))
        elements.removeFirst(countMax)
        return .take(head)
    }

    /// No more elements are taken; those that are there still go out.
    package mutating func close() -> AppendAction {
        isClosed = true
        return wakeIfAsleep()
    }

    private mutating func wakeIfAsleep() -> AppendAction {
        guard isConsumerAsleep else { return .none }
        isConsumerAsleep = false
        return .wakeConsumer
    }
}
