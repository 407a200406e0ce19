import FlowControl
import Testing

@Suite struct BoundedQueueTests {
    @Test func elementsLeaveInTheOrderOfTheirArrival() {
        var queue = BoundedQueue<Int>(capacity: 10)
        #expect(queue.append(contentsOf: [1, 2]) == true)
        #expect(queue.append(contentsOf: [3]) == true)
        #expect(queue.take(countMax: 2) == [1, 2])
        queue.ended(count: 2)
        #expect(queue.take(countMax: 2) == [3])
    }

    @Test func whatDoesNotFitIsRefusedAsAWhole() {
        var queue = BoundedQueue<Int>(capacity: 3)
        #expect(queue.append(contentsOf: [1, 2]) == true)
        #expect(queue.append(contentsOf: [3, 4]) == false)
        #expect(queue.append(contentsOf: [3]) == true)
        #expect(queue.count == 3)
    }

    @Test func anEmptyQueueIsNotReady() {
        var queue = BoundedQueue<Int>(capacity: 3)
        #expect(!queue.isReady && !queue.isFinished)
        #expect(queue.take(countMax: 1) == [])
        _ = queue.append(contentsOf: [1])
        #expect(queue.isReady)
    }

    /// Waiting elements, of 4 that are under way, and whether a second batch is worth it.
    @Test(arguments: [(0, false), (1, false), (3, false), (4, true), (5, true)])
    func aSecondBatchWaitsUntilItIsAsLargeAsTheFirst(waiting: Int, isReady: Bool) {
        var queue = BoundedQueue<Int>(capacity: 20)
        _ = queue.append(contentsOf: Array(0..<4))
        #expect(queue.take(countMax: 10).count == 4)
        _ = queue.append(contentsOf: Array(0..<waiting))
        #expect(queue.isReady == isReady)
        #expect(queue.take(countMax: 10).count == (isReady ? waiting : 0))
        queue.ended(count: 4)
        #expect(queue.isReady == (waiting > 0 && !isReady))
    }

    @Test func aThirdBatchCountsBothThatAreUnderWay() {
        var queue = BoundedQueue<Int>(capacity: 20)
        for _ in 0..<2 {
            _ = queue.append(contentsOf: [1, 2])
            #expect(queue.take(countMax: 2).count == 2)
        }
        _ = queue.append(contentsOf: [1, 2, 3])
        #expect(!queue.isReady)
        queue.ended(count: 2)
        #expect(queue.isReady)
    }

    @Test func aClosedQueueTakesNothingButGivesWhatItHas() {
        var queue = BoundedQueue<Int>(capacity: 8)
        _ = queue.append(contentsOf: [1, 2, 3])
        #expect(queue.take(countMax: 2) == [1, 2])
        queue.close()
        #expect(queue.append(contentsOf: [4]) == false)
        #expect(queue.isReady && !queue.isFinished)
        #expect(queue.take(countMax: 5) == [3])
        #expect(queue.isFinished)
    }
}
