import SaleCore
import Testing

@testable import SaleService

@Suite struct DeliveryQueueTests {
    private func delivery(_ number: Int64, order: UInt64?, isRetry: Bool = false, isDelayed: Bool = false) -> Delivery {
        let delays = Delivery.Delays(count: 1, since: .earliest, takenBefore: 0)
        return Delivery(event: .test(number, order: order), isRetry: isRetry, delays: isDelayed ? delays : nil)
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

    @Test func whatFailedGoesAloneAndWhatIsDelayedGoesLast() {
        var queue = DeliveryQueue()
        queue.add([
            delivery(1, order: 1, isRetry: true), delivery(2, order: 2), delivery(3, order: 3, isDelayed: true), delivery(4, order: 3),
            delivery(5, order: 5), delivery(6, order: 6, isRetry: true), delivery(7, order: 7),
        ])
        #expect(numbers(queue.take(countMax: 9)) == [1])
        #expect(numbers(queue.take(countMax: 9)) == [2, 5])
        #expect(numbers(queue.take(countMax: 9)) == [6])
        #expect(numbers(queue.take(countMax: 9)) == [7])
        // The later one of its order waits for it.
        let delayed = queue.take(countMax: 9)
        #expect(numbers(delayed) == [3])
        #expect(queue.take(countMax: 9).isEmpty)
        queue.ended(delayed)
        #expect(numbers(queue.take(countMax: 9)) == [4])
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
