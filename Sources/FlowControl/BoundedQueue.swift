/// A first-in-first-out queue with a bound, many producers, and consumers that take batches. A
/// value: the shell supplies the lock and the sleep.
///
/// While batches are under way, the next one is ready only when as many elements wait as those
/// have: a second consumer joins in under load, and is no price that a quiet hour pays.
package struct BoundedQueue<Element: Sendable>: Sendable {
    package let capacity: Int
    private var elements: [Element] = []
    /// Elements of batches that were taken and have not ended.
    private var underWay = 0
    private var isClosed = false

    package init(capacity: Int) {
        precondition(capacity > 0, "a queue without room takes nothing")
        self.capacity = capacity
    }

    package var count: Int { elements.count }

    /// A batch may be taken now.
    package var isReady: Bool { !elements.isEmpty && (isClosed || elements.count >= underWay) }

    /// Nothing is there and nothing will come.
    package var isFinished: Bool { isClosed && elements.isEmpty }

    /// Takes all of `new`, or nothing and returns `false`: the queue is full or closed.
    package mutating func append(contentsOf new: [Element]) -> Bool {
        guard !isClosed, elements.count + new.count <= capacity else { return false }
        elements.append(contentsOf: new)
        return true
    }

    /// What is there, in order, `countMax` at most: a batch that is under way until `ended` is told
    /// of it. Empty when none is ready.
    package mutating func take(countMax: Int) -> [Element] {
        guard isReady else { return [] }
        let head: [Element]
        if elements.count <= countMax {
            head = elements
            elements.removeAll(keepingCapacity: true)
        } else {
            head = Array(elements.prefix(countMax))
            elements.removeFirst(countMax)
        }
        underWay += head.count
        return head
    }

    /// A batch of `count` elements is over.
    package mutating func ended(count: Int) { underWay -= count }

    /// No more elements are taken; those that are there still go out.
    package mutating func close() { isClosed = true }
}
