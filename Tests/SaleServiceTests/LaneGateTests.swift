import SaleCore
import Testing

@testable import SaleService
@testable import Simulation

/// What a lane refuses from memory, before Redis is asked.
@Suite struct LaneGateTests {
    private func refusal(hasKey: Bool = false, _ change: (inout Sale) -> Void) -> PurchaseRefusal? {
        let test = LaneUnderTest()
        test.look(change)
        return test.lane.refusalFromMemory(test.laneSale, hasKey: hasKey, at: test.bed.scheduler.now)
    }

    @Test func `a purchase before the sale opens hears when it opens`() {
        let test = LaneUnderTest()
        let opensAt = test.bed.now.advanced(milliseconds: 10)
        #expect(refusal { $0.opensAt = opensAt } == .notStarted(opensAt: opensAt, now: test.bed.now))
    }

    @Test func `a key lets the repetition of a purchase through a pause, an end and a sell-out`() {
        #expect(refusal { $0.status = .paused } == .paused)
        #expect(refusal(hasKey: true) { $0.status = .paused } == nil)
        #expect(refusal { $0.status = .closed } == .closed)
        #expect(refusal(hasKey: true) { $0.status = .closed } == nil)
        let test = LaneUnderTest()
        test.look(available: 0)
        #expect(test.lane.refusalFromMemory(test.laneSale, hasKey: false, at: test.bed.scheduler.now) == .soldOut)
        #expect(test.lane.refusalFromMemory(test.laneSale, hasKey: true, at: test.bed.scheduler.now) == nil)
    }

    @Test func `a key is no use a day after the sale`() {
        #expect(refusal(hasKey: true) { $0.closesAt = $0.opensAt.advanced(milliseconds: -86_400_001) } == .closed)
    }

    @Test func `a lane that drains refuses everybody`() {
        let test = LaneUnderTest()
        test.lane.isDraining = true
        #expect(test.lane.refusalFromMemory(test.laneSale, hasKey: true, at: test.bed.scheduler.now) == .draining)
    }

    @Test func `an item that the sale does not have is refused without a call`() {
        let test = LaneUnderTest()
        #expect(test.buy(sku: SKU("watch")!).outcome == .refused(.unknownSKU))
        test.bed.pass()
        #expect(test.redis.batches.isEmpty && test.admission.count == 0)
    }

    @Test func `a sold-out item is refused without a call, but not to whoever has a key`() {
        let test = LaneUnderTest()
        test.look(available: 0)
        #expect(test.buy().outcome == .refused(.soldOut))
        #expect(test.buy(key: "k").outcome == nil)
        test.bed.pass()
        #expect(test.redis.batches.count == 1)
    }

    @Test func `nothing is asked of a Redis other than the proven one`() {
        let test = LaneUnderTest()
        test.redis.run = "another"
        #expect(test.buy().outcome == .refused(.recovering))
        test.redis.run = nil
        #expect(test.buy().outcome == .refused(.recovering))
        test.bed.pass()
        #expect(test.redis.batches.isEmpty)
    }

    @Test func `a lane whose Redis is not the one that a look found asks it who it is`() {
        let test = LaneUnderTest()
        test.look(run: "run")
        #expect(test.redis.identifications == 0)
        test.look(run: "another")
        #expect(test.redis.identifications == 1)
    }

    @Test func `a full node refuses as overloaded, and takes again once a verdict has come`() {
        let test = LaneUnderTest(capacity: 1)
        let first = test.buy()
        #expect(test.buy(user: "bob").outcome == .refused(.overloaded))
        test.bed.pass()
        test.decide(.limitReached(nil))
        #expect(first.outcome == .refused(.limitReached(nil)))
        #expect(test.buy(user: "bob").outcome == nil)
    }

    @Test func `a sale that is no more is forgotten, once its last purchase is under way`() {
        let test = LaneUnderTest()
        let buyer = test.buy()
        let gone = LaneUpdate(
            changed: [], removed: [TestBed.sale], startedAt: test.bed.scheduler.now, clock: StockClock(reading: test.bed.now, at: .earliest),
            run: "run")
        test.lane.update(gone)
        #expect(test.lane.laneSale(of: "flash") != nil)
        test.bed.pass()
        test.decide()
        test.lane.update(gone)
        #expect(test.lane.laneSale(of: "flash") == nil)
        test.commit(test.granted())
        #expect(buyer.isCommitted)
    }

    @Test func `each sale is found by its own name, whichever was asked for last`() {
        let test = LaneUnderTest()
        #expect(test.lane.laneSale(of: "flash")?.id == TestBed.sale)
        #expect(test.lane.laneSale(of: "flush") == nil)
        for (name, isKnown) in [("flash", true), ("flush", false), ("flas", false), ("flash1", false), ("", false), ("flash", true)] {
            let bytes = Array(name.utf8)
            let isFound = unsafe test.lane.laneSale(named: bytes.span.bytes) != nil
            #expect(isFound == isKnown, "\(name)")
        }
        #expect(test.lane.laneSale(of: "flash")?.id == TestBed.sale)
    }

    @Test func `an order is made under the terms that the newest look told`() {
        let test = LaneUnderTest()
        test.buy(wait: 0)
        test.look { $0.items[0].unitPrice = 7 }
        let buyer = test.buy(user: "bob", wait: 0)
        test.bed.pass()
        test.decide()
        guard case .reserved(let order, _) = buyer.outcome else { return #expect(Bool(false), "\(buyer.outcomes)") }
        #expect(order.unitPrice == 7)
    }
}
