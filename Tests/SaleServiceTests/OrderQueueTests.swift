import SaleCore
import SaleService
import Testing

@Suite struct OrderQueueTests {
    @Test func everyOrderOfManyProducersReachesTheConsumerOnce() async {
        let queue = OrderQueue(capacity: 100_000)
        let producers = 8
        let perProducer = 500
        let seen = await withTaskGroup(of: [OrderID].self) { group in
            group.addTask {
                var seen: [OrderID] = []
                while let batch = await queue.next(countMax: 64) { seen += batch.map(\.reservation.order) }
                return seen
            }
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
            return await group.next() ?? []
        }
        #expect(seen.count == producers * perProducer)
        #expect(Set(seen).count == seen.count)
    }

    @Test func aFullQueueRefusesAndStaysWhole() async {
        let queue = OrderQueue(capacity: 1)
        #expect(queue.append([.sample(high: 1, low: 1)]))
        #expect(!queue.append([.sample(high: 1, low: 2)]))
        #expect(await queue.next(countMax: 10)?.map(\.reservation.order.low) == [1])
    }

    @Test func aClosedQueueEndsItsConsumer() async {
        let queue = OrderQueue(capacity: 1)
        queue.close()
        #expect(await queue.next(countMax: 10) == nil)
    }
}

extension QueuedOrder {
    fileprivate static func sample(high: UInt64, low: UInt64) -> QueuedOrder {
        QueuedOrder(
            reservation: Reservation(
                order: OrderID(high: high, low: low), sale: SaleID("demo")!, sku: SKU("phone-x")!, user: UserID("u")!, quantity: 1, key: nil,
                epoch: 1, grantedAt: Timestamp(milliseconds: 0)),
            lane: 0)
    }
}
