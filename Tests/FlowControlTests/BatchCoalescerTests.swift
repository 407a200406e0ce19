import FlowControl
import Testing

@Suite struct BatchCoalescerTests {
    @Test func theFirstArrivalSchedulesOneFlushAndTheNextOnesRideAlong() {
        var coalescer = BatchCoalescer(countMax: 8)
        #expect(coalescer.itemArrived() == .scheduleFlush)
        #expect(coalescer.itemArrived() == .none)
        #expect(coalescer.flushDue(waiting: 2) == .send(count: 2))
    }

    @Test func whileABatchIsUnderWayTheNextOneGathers() {
        var coalescer = BatchCoalescer(countMax: 8)
        _ = coalescer.itemArrived()
        _ = coalescer.flushDue(waiting: 1)
        #expect(coalescer.itemArrived() == .none)
        #expect(coalescer.batchEnded(waiting: 1) == .scheduleFlush)
        #expect(coalescer.flushDue(waiting: 1) == .send(count: 1))
    }

    @Test func aBatchIsNeverLargerThanItsBound() {
        var coalescer = BatchCoalescer(countMax: 3)
        _ = coalescer.itemArrived()
        #expect(coalescer.flushDue(waiting: 10) == .send(count: 3))
    }

    @Test func whenNothingWaitsTheGateRestsAndWakesAgain() {
        var coalescer = BatchCoalescer(countMax: 3)
        _ = coalescer.itemArrived()
        _ = coalescer.flushDue(waiting: 1)
        #expect(coalescer.batchEnded(waiting: 0) == .none)
        #expect(coalescer.itemArrived() == .scheduleFlush)
    }

    @Test func lateEventsChangeNothing() {
        var coalescer = BatchCoalescer(countMax: 3)
        #expect(coalescer.flushDue(waiting: 1) == .none)
        #expect(coalescer.batchEnded(waiting: 1) == .none)
        #expect(coalescer.itemArrived() == .scheduleFlush)
    }

    @Test func everyArrivalIsSentExactlyOnceWhateverTheOrderOfEvents() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var coalescer = BatchCoalescer(countMax: Int.random(in: 1...4, using: &random))
            var (waiting, sent, arrived, isScheduled, isUnderWay) = (0, 0, 0, false, false)
            func note(_ action: BatchCoalescer.Action) {
                switch action {
                case .none: break
                case .scheduleFlush: isScheduled = true
                case .send(let count):
                    #expect(!isUnderWay)
                    isUnderWay = true
                    waiting -= count
                    sent += count
                }
            }
            for step in 0..<400 {
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where step < 200:
                    waiting += 1
                    arrived += 1
                    note(coalescer.itemArrived())
                case 1 where isScheduled:
                    isScheduled = false
                    note(coalescer.flushDue(waiting: waiting))
                case 2 where isUnderWay:
                    isUnderWay = false
                    note(coalescer.batchEnded(waiting: waiting))
                default: break
                }
            }
            while isScheduled || isUnderWay {
                if isUnderWay {
                    isUnderWay = false
                    note(coalescer.batchEnded(waiting: waiting))
                } else {
                    isScheduled = false
                    note(coalescer.flushDue(waiting: waiting))
                }
            }
            #expect(sent == arrived)
        }
    }
}

/// SplitMix64: the same seed gives the same test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
