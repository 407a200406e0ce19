import SaleCore
import Testing

@testable import SaleService

@Suite struct DeliveryQueueTests {
    private func delivery(_ number: Int64, order: UInt64?) -> Delivery {
        let at = Timestamp(milliseconds: 1)
        let order = order.map {
            Order(
                id: OrderID(high: 1, low: $0), sale: SaleID("demo")!, sku: SKU("x")!, user: UserID("ann")!, quantity: 1, unitPrice: 1,
                currency: Currency("CNY")!, state: .paid, createdAt: at, payBy: at)
        }
        return Delivery(
            event: FeedEvent(
                position: EventPosition(turn: number, row: 1, part: 1), type: .orderPaid, at: at, sale: SaleID("demo")!, sku: nil, order: order,
                cause: nil, actor: nil))
    }

    private func numbers(_ deliveries: [Delivery]) -> [Int64] { deliveries.map(\.event.position.turn) }

    @Test func ofOneOrderOneIsUnderWayAndOthersGoAhead() {
        var queue = DeliveryQueue()
        queue.add([delivery(1, order: 1), delivery(2, order: 1), delivery(3, order: 2), delivery(4, order: nil)])
        let first = queue.take(countMax: 1)
        #expect(numbers(first) == [1])
        #expect(numbers(queue.take(countMax: 1)) == [3])
        #expect(numbers(queue.take(countMax: 1)) == [4])
        #expect(queue.take(countMax: 1).isEmpty)
        queue.ended(first)
        #expect(numbers(queue.take(countMax: 1)) == [2])
        #expect(queue.isEmpty)
    }

    @Test func oneRequestMayHoldSeveralOfOneOrder() {
        var queue = DeliveryQueue()
        queue.add([delivery(1, order: 1), delivery(2, order: 2), delivery(3, order: 1), delivery(4, order: 3)])
        #expect(numbers(queue.take(countMax: 3)) == [1, 2, 3])
        #expect(numbers(queue.waiting) == [4])
    }

    @Test func whatIsPutBackKeepsItsPlace() {
        var queue = DeliveryQueue()
        queue.add([delivery(1, order: 1), delivery(2, order: 2), delivery(3, order: 1)])
        let taken = queue.take(countMax: 2)
        queue.ended(taken)
        queue.putBack(taken)
        #expect(numbers(queue.waiting) == [1, 2, 3])
    }

    @Test func attemptsBecomeRarerAndSpreadByAFifth() {
        let endpoint = WebhookEndpoint(name: "a", retries: [.seconds(10), .seconds(1_000)])
        #expect(endpoint.wait(after: 1) { 0 } == .seconds(8))
        #expect(endpoint.wait(after: 1) { 40 } == .seconds(12))
        #expect(endpoint.wait(after: 2) { 20 } == .seconds(1_000))
        #expect(endpoint.wait(after: 3) { 20 } == nil)
        #expect(endpoint.pause(after: 1) { 20 } == .seconds(10))
        #expect(endpoint.pause(after: 9) { 20 } == .seconds(60))
        #expect(WebhookEndpoint.usualRetries.count == 9)
    }
}
