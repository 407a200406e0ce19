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
        while let entry = pending.removeExpired(at: Self.instant(now)) { orders.append(entry.order.id.low) }
        return orders
    }

    private func insert(_ pending: inout PendingCommits, _ number: UInt64, isKeyed: Bool = false, deadline: UInt64) -> CommitSlot {
        pending.insert(Self.order(number), isKeyed: isKeyed, waiter: Buyer(), deadline: Self.instant(deadline))
    }

    private static func instant(_ nanoseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    private static func id(_ number: UInt64) -> OrderID { OrderID(high: 0, low: number) }

    @Test func `who waits less long than somebody before hears first`() {
        var pending = PendingCommits()
        for (number, deadline) in [(1, 100), (2, 30), (3, 100), (4, 50)] as [(UInt64, UInt64)] {
            _ = insert(&pending, number, deadline: deadline)
        }
        #expect(pending.nextDeadline == Self.instant(30))
        let heard = [50, 99, 100].map { expired(&pending, at: $0) }
        #expect(heard == [[2, 4], [], [1, 3]])
        #expect(pending.nextDeadline == nil)
    }

    @Test func `deadlines of judged orders are forgotten, up to the first that is not`() {
        var pending = PendingCommits()
        var slots: [UInt64: CommitSlot] = [:]
        for (number, deadline) in [(1, 10), (2, 20), (3, 30), (4, 40), (5, 1), (6, 35)] as [(UInt64, UInt64)] {
            slots[number] = insert(&pending, number, deadline: deadline)
        }
        for number in [1, 2, 4, 5] as [UInt64] { _ = pending.remove(Self.id(number), at: slots[number]!) }
        pending.forgetDeadlinesOfJudged()
        #expect(pending.nextDeadline == Self.instant(30))
        let heard = expired(&pending, at: 100)
        #expect(heard == [3, 6])
    }

    @Test func `who repeats a purchase has a deadline of their own`() {
        var pending = PendingCommits()
        _ = insert(&pending, 1, isKeyed: true, deadline: 10)
        let isJoined = pending.join(Self.id(1), waiter: Buyer(), deadline: Self.instant(20))
        #expect(isJoined)
        let first = pending.removeExpired(at: Self.instant(10))
        #expect(first?.first != nil && first?.repeated.isEmpty == true)
        let second = pending.removeExpired(at: Self.instant(20))
        #expect(second?.first == nil && second?.repeated.count == 1)
        let third = pending.join(Self.id(1), waiter: Buyer(), deadline: Self.instant(30))
        #expect(!third)
    }

    @Test func `an order that was judged cannot be joined`() {
        var pending = PendingCommits()
        let slot = insert(&pending, 1, isKeyed: true, deadline: 10)
        let entry = pending.remove(Self.id(1), at: slot)
        #expect(entry != nil)
        let isJoined = pending.join(Self.id(1), waiter: Buyer(), deadline: Self.instant(20))
        #expect(!isJoined)
    }

    /// The verdict on an order whose buyer waits no longer must not end the wait of whoever came
    /// after.
    @Test func `a place that another order has by now gives nothing to the first`() {
        var pending = PendingCommits()
        let slot = insert(&pending, 1, deadline: 10)
        #expect(expired(&pending, at: 10) == [1])
        let next = insert(&pending, 2, deadline: 20)
        #expect(next == slot)
        let stale = pending.remove(Self.id(1), at: slot)
        #expect(stale == nil)
        let own = pending.remove(Self.id(2), at: next)
        #expect(own?.order.id == Self.id(2))
    }

    /// Against a list that is searched from the front.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `everybody whose order is not judged hears at their instant`(seed: UInt64) {
        var random = Xoshiro256(seed: (seed, 2, 3, 4))
        var pending = PendingCommits()
        var waiting: [(order: UInt64, deadline: UInt64, slot: CommitSlot)] = []
        for now in 0..<2_000 as Range<UInt64> {
            if Bool.random(using: &random) {
                let deadline = now + (Int.random(in: 0..<4, using: &random) == 0 ? UInt64.random(in: 1...50, using: &random) : 50)
                let slot = insert(&pending, now, isKeyed: Bool.random(using: &random), deadline: deadline)
                waiting.append((now, deadline, slot))
            }
            while waiting.count > 20, Bool.random(using: &random) {
                let judged = waiting.remove(at: Int.random(in: 0..<waiting.count, using: &random))
                let entry = pending.remove(Self.id(judged.order), at: judged.slot)
                #expect(entry?.order.id.low == judged.order)
            }
            pending.forgetDeadlinesOfJudged()
            let heard = Set(expired(&pending, at: now))
            #expect(heard == Set(waiting.filter { $0.deadline <= now }.map(\.order)), "seed \(seed), instant \(now)")
            waiting.removeAll { $0.deadline <= now }
            if let earliest = waiting.map(\.deadline).min() { #expect(pending.nextDeadline.map { $0 <= Self.instant(earliest) } == true) }
        }
    }
}
