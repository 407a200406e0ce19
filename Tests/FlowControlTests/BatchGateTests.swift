import FlowControl
import Testing

@Suite struct BatchGateTests {
    @Test func theFirstArrivalSchedulesOneFlushAndTheNextOnesRideAlong() {
        var gate = BatchGate(countMax: 8)
        #expect(gate.itemArrived() == .scheduleFlush)
        #expect(gate.itemArrived() == .none)
        #expect(gate.flushDue(waiting: 2) == .send(count: 2))
    }

    @Test func whileABatchIsUnderWayTheNextOneGathers() {
        var gate = BatchGate(countMax: 8)
        _ = gate.itemArrived()
        _ = gate.flushDue(waiting: 1)
        #expect(gate.itemArrived() == .none)
        #expect(gate.batchEnded(waiting: 1) == .scheduleFlush)
        #expect(gate.flushDue(waiting: 1) == .send(count: 1))
    }

    @Test func aBatchIsNeverLargerThanItsBound() {
        var gate = BatchGate(countMax: 3)
        _ = gate.itemArrived()
        #expect(gate.flushDue(waiting: 10) == .send(count: 3))
    }

    @Test func whenNothingWaitsTheGateRestsAndWakesAgain() {
        var gate = BatchGate(countMax: 3)
        _ = gate.itemArrived()
        _ = gate.flushDue(waiting: 1)
        #expect(gate.batchEnded(waiting: 0) == .none)
        #expect(gate.itemArrived() == .scheduleFlush)
    }

    @Test func lateEventsChangeNothing() {
        var gate = BatchGate(countMax: 3)
        #expect(gate.flushDue(waiting: 1) == .none)
        #expect(gate.batchEnded(waiting: 1) == .none)
        #expect(gate.itemArrived() == .scheduleFlush)
    }

    @Test func everyArrivalIsSentExactlyOnceWhateverTheOrderOfEvents() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var gate = BatchGate(countMax: Int.random(in: 1...4, using: &random))
            var (waiting, sent, arrived, isScheduled, isUnderWay) = (0, 0, 0, false, false)
            func note(_ action: BatchGate.Action) {
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
                    note(gate.itemArrived())
                case 1 where isScheduled:
                    isScheduled = false
                    note(gate.flushDue(waiting: waiting))
                case 2 where isUnderWay:
                    isUnderWay = false
                    note(gate.batchEnded(waiting: waiting))
                default: break
                }
            }
            while isScheduled || isUnderWay {
                if isUnderWay {
                    isUnderWay = false
                    note(gate.batchEnded(waiting: waiting))
                } else {
                    isScheduled = false
                    note(gate.flushDue(waiting: waiting))
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
