import FlowControl
import Testing

@Suite struct BoundedQueueTests {
    @Test func elementsLeaveInTheOrderOfTheirArrival() throws {
        var queue = BoundedQueue<Int>(capacity: 10)
        _ = queue.append(contentsOf: [1, 2])
        _ = queue.append(contentsOf: [3])
        #expect(queue.taken(countMax: 2) == [1, 2])
        #expect(queue.taken(countMax: 2) == [3])
    }

    @Test func whatDoesNotFitIsRefusedAsAWhole() {
        var queue = BoundedQueue<Int>(capacity: 3)
        #expect(queue.append(contentsOf: [1, 2]) == .none)
        #expect(queue.append(contentsOf: [3, 4]) == .refuse)
        #expect(queue.append(contentsOf: [3]) == .none)
        #expect(queue.count == 3)
    }

    @Test func aSleepingConsumerIsWokenOnce() {
        var queue = BoundedQueue<Int>(capacity: 3)
        #expect(queue.taken(countMax: 1) == nil)
        #expect(queue.append(contentsOf: [1]) == .wakeConsumer)
        #expect(queue.append(contentsOf: [2]) == .none)
    }

    @Test func aClosedQueueTakesNothingButGivesWhatItHas() {
        var queue = BoundedQueue<Int>(capacity: 3)
        _ = queue.append(contentsOf: [1])
        _ = queue.close()
        #expect(queue.append(contentsOf: [2]) == .refuse)
        #expect(queue.taken(countMax: 5) == [1])
        guard case .finish = queue.take(countMax: 5) else {
            Issue.record("a closed and empty queue is finished")
            return
        }
    }

    @Test func closingWakesASleepingConsumer() {
        var queue = BoundedQueue<Int>(capacity: 3)
        #expect(queue.taken(countMax: 1) == nil)
        #expect(queue.close() == .wakeConsumer)
    }
}

extension BoundedQueue {
    /// What `take` gave; `nil` when the consumer must sleep.
    fileprivate mutating func taken(countMax: Int) -> [Element]? {
        guard case .take(let elements) = take(countMax: countMax) else { return nil }
        return elements
    }
}
