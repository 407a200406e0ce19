import SaleCore
import Testing

@testable import SaleService

@Suite struct PendingCommitsTests {
    private final class Buyer: PurchaseWaiter {
        func purchaseEnded(_ outcome: PurchaseOutcome) {}
    }

    private static func order(_ number: UInt64) -> Order {
        Order(
            id: OrderID(high: 0, low: number), sale: SaleID("s")!, sku: SKU("x")!, user: UserID("ann")!, quantity: 1, unitPrice: 1,
            currency: Currency("EUR")!, state: .reserved, createdAt: Timestamp(milliseconds: 0), payBy: Timestamp(milliseconds: 1))
    }

    private func expired(_ pending: inout PendingCommits, at now: UInt64) -> [UInt64] {
        var orders: [UInt64] = []
        while let entry = pending.removeExpired(at: now) { orders.append(entry.order.id.low) }
        return orders
    }

    @Test func whoWaitsLessLongThanSomebodyBeforeHearsFirst() {
        var pending = PendingCommits()
        for (number, deadline) in [(1, 100), (2, 30), (3, 100), (4, 50)] as [(UInt64, UInt64)] {
            pending.insert(Self.order(number), waiter: Buyer(), deadline: deadline)
        }
        #expect(pending.nextDeadline == 30)
        let heard = [50, 99, 100].map { expired(&pending, at: $0) }
        #expect(heard == [[2, 4], [], [1, 3]])
        #expect(pending.nextDeadline == nil)
    }

    @Test func deadlinesOfJudgedOrdersAreForgottenUpToTheFirstThatIsNot() {
        var pending = PendingCommits()
        for number in 1...4 as ClosedRange<UInt64> { pending.insert(Self.order(number), waiter: Buyer(), deadline: 10 * number) }
        for (number, deadline) in [(5, 1), (6, 35)] as [(UInt64, UInt64)] { pending.insert(Self.order(number), waiter: Buyer(), deadline: deadline) }
        for number in [1, 2, 4, 5] as [UInt64] { _ = pending.remove(OrderID(high: 0, low: number)) }
        pending.forgetDeadlinesOfJudged()
        #expect(pending.nextDeadline == 30)
        let heard = expired(&pending, at: 100)
        #expect(heard == [3, 6])
    }

    @Test func whoRepeatsAPurchaseHasADeadlineOfHisOwn() {
        var pending = PendingCommits()
        pending.insert(Self.order(1), waiter: Buyer(), deadline: 10)
        let isJoined = pending.join(OrderID(high: 0, low: 1), waiter: Buyer(), deadline: 20)
        #expect(isJoined)
        let first = pending.removeExpired(at: 10)
        #expect(first?.first != nil && first?.repeated.isEmpty == true)
        let second = pending.removeExpired(at: 20)
        #expect(second?.first == nil && second?.repeated.count == 1)
        let third = pending.join(OrderID(high: 0, low: 1), waiter: Buyer(), deadline: 30)
        #expect(!third)
    }

    /// Against a list that is searched from the front.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func everybodyWhoseOrderIsNotJudgedHearsAtHisInstant(seed: UInt64) {
        var random = Xoshiro256(seed: (seed, 2, 3, 4))
        var pending = PendingCommits()
        var waiting: [(order: UInt64, deadline: UInt64)] = []
        for now in 0..<2_000 as Range<UInt64> {
            if Bool.random(using: &random) {
                let deadline = now + (Int.random(in: 0..<4, using: &random) == 0 ? UInt64.random(in: 1...50, using: &random) : 50)
                pending.insert(Self.order(now), waiter: Buyer(), deadline: deadline)
                waiting.append((now, deadline))
            }
            while waiting.count > 20, Bool.random(using: &random) {
                let judged = waiting.remove(at: Int.random(in: 0..<waiting.count, using: &random))
                let entry = pending.remove(OrderID(high: 0, low: judged.order))
                #expect(entry != nil)
            }
            pending.forgetDeadlinesOfJudged()
            let heard = Set(expired(&pending, at: now))
            #expect(heard == Set(waiting.filter { $0.deadline <= now }.map(\.order)), "seed \(seed), instant \(now)")
            waiting.removeAll { $0.deadline <= now }
            if let earliest = waiting.map(\.deadline).min() { #expect(pending.nextDeadline.map { $0 <= earliest } == true) }
        }
    }
}
