import SaleCore
import SaleService
import Testing

@Suite struct OrderQueueTests {
    private static func consume(_ queue: OrderQueue) async -> [OrderID] {
        var (seen, ended): ([OrderID], Int) = ([], 0)
        while let batch = await queue.next(ended: ended, countMax: 64) {
            seen += batch.map(\.reservation.order)
            ended = batch.count
            await Task.yield()
        }
        return seen
    }

    @Test(arguments: 1...3) func everyOrderOfManyProducersReachesOneConsumerOnce(consumers: Int) async {
        let queue = OrderQueue(capacity: 100_000)
        let producers = 8
        let perProducer = 500
        let seen = await withTaskGroup(of: [OrderID].self) { group in
            for _ in 0..<consumers { group.addTask { await Self.consume(queue) } }
            await withTaskGroup(of: Void.self) { inner in
                for producer in 0..<producers {
                    inner.addTask {
                        for index in 0..<perProducer {
                            #expect(queue.append([.sample(high: UInt64(producer), low: UInt64(index))]))
                            if index % 50 == 0 { await Task.yield() }
                        }
                    }
                }
            }
            queue.close()
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(seen.count == producers * perProducer)
        #expect(Set(seen).count == seen.count)
    }

    @Test func aFullQueueRefusesAndStaysWhole() async {
        let queue = OrderQueue(capacity: 1)
        #expect(queue.append([.sample(high: 1, low: 1)]))
        #expect(!queue.append([.sample(high: 1, low: 2)]))
        #expect(await queue.next(ended: 0, countMax: 10)?.map(\.reservation.order.low) == [1])
    }

    @Test func aClosedQueueEndsItsConsumer() async {
        let queue = OrderQueue(capacity: 1)
        queue.close()
        #expect(await queue.next(ended: 0, countMax: 10) == nil)
    }

    @Test func aSecondConsumerJoinsInWhenAsMuchWaitsAsTheFirstTook() async {
        let queue = OrderQueue(capacity: 10)
        #expect(queue.append([.sample(high: 1, low: 1), .sample(high: 1, low: 2)]))
        #expect(await queue.next(ended: 0, countMax: 10)?.count == 2)
        async let second = queue.next(ended: 0, countMax: 10)
        #expect(queue.append([.sample(high: 1, low: 3)]))
        #expect(queue.append([.sample(high: 1, low: 4)]))
        #expect(await second?.map(\.reservation.order.low) == [3, 4])
    }

    @Test func whatASecondConsumerLeavesIsTheFirstOnesNext() async {
        let queue = OrderQueue(capacity: 10)
        #expect(queue.append([.sample(high: 1, low: 1), .sample(high: 1, low: 2)]))
        #expect(await queue.next(ended: 0, countMax: 10)?.count == 2)
        #expect(queue.append([.sample(high: 1, low: 3)]))
        let second = Task { await queue.next(ended: 0, countMax: 10) }
        #expect(await queue.next(ended: 2, countMax: 10)?.map(\.reservation.order.low) == [3])
        second.cancel()
        #expect(await second.value == nil)
    }

    /// Whichever of the two was woken for the order.
    @Test(.timeLimit(.minutes(1))) func whatACancelledConsumerWasWokenForIsTheOtherOnes() async {
        for number in 0..<200 {
            let queue = OrderQueue(capacity: 10)
            let consumers = (0..<2).map { _ in Task { await queue.next(ended: 0, countMax: 10) } }
            for _ in 0..<number % 5 { await Task.yield() }
            #expect(queue.append([.sample(high: 1, low: 1)]))
            consumers[number % 2].cancel()
            let isTaken = await consumers[number % 2].value != nil
            if isTaken { queue.close() }
            #expect((await consumers[1 - number % 2].value != nil) != isTaken)
        }
    }

    @Test func aBatchThatLeavesEnoughForAnotherWakesAnother() async {
        let queue = OrderQueue(capacity: 10)
        async let first = queue.next(ended: 0, countMax: 2)
        async let second = queue.next(ended: 0, countMax: 2)
        #expect(queue.append((1...4).map { .sample(high: 1, low: $0) }))
        let batches = await [first, second].compactMap { $0?.map(\.reservation.order.low) }
        #expect(Set(batches) == [[1, 2], [3, 4]])
    }

    @Test(arguments: 1...3) func closingEndsEveryConsumerThatSleeps(consumers: Int) async {
        let queue = OrderQueue(capacity: 1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<consumers { group.addTask { #expect(await queue.next(ended: 0, countMax: 1) == nil) } }
            group.addTask { queue.close() }
        }
    }
}

extension QueuedOrder {
    fileprivate static func sample(high: UInt64, low: UInt64) -> QueuedOrder {
        QueuedOrder(
            reservation: Reservation(
                ReservationRequest(
                    order: OrderID(high: high, low: low), purchase: Purchase(user: UserID("u")!, sku: SKU("phone-x")!, quantity: 1, key: nil)),
                of: SaleID("demo")!, epoch: 1, grantedAt: Timestamp(milliseconds: 0)),
            lane: 0)
    }
}
