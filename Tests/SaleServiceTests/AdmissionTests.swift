import SaleCore
import SaleService
import Testing

@Suite struct AdmissionTests {
    private static let second: UInt64 = 1_000_000_000

    private static func instant(_ nanoseconds: UInt64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

    @Test func noMoreThanTheCapacityIsAdmittedAndAReleasedPlaceIsFree() {
        let admission = Admission(capacity: 2, promisedWait: .seconds(1))
        #expect(admission.admit(at: Self.instant(1)) && admission.admit(at: Self.instant(1)))
        #expect(!admission.admit(at: Self.instant(1)))
        #expect(admission.count == 2)
        admission.release(1)
        #expect(admission.admit(at: Self.instant(1)))
    }

    @Test func nothingIsAdmittedWhileOneTransactionTakesLongerThanThePromise() {
        let admission = Admission(capacity: 100, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.instant(Self.second))
        #expect(admission.admit(at: Self.instant(2 * Self.second)))
        #expect(!admission.admit(at: Self.instant(2 * Self.second + 1)))
        admission.commitEnded(orders: 1, began: Self.instant(Self.second), at: Self.instant(3 * Self.second))
        #expect(admission.admit(at: Self.instant(3 * Self.second)))
    }

    @Test func nothingIsAdmittedBehindMoreOrdersThanFitIntoThePromisedWait() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        // 100 orders a second.
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitEnded(orders: 100, began: Self.instant(Self.second), at: Self.instant(2 * Self.second))
        let admitted = (0..<500).count { _ in admission.admit(at: Self.instant(3 * Self.second)) }
        #expect(admitted == 101)
    }

    @Test func oneSlowTransactionDoesNotThrottleForEver() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.instant(Self.second))
        // 10 orders a second: from now on no transaction can be large.
        admission.commitEnded(orders: 100, began: Self.instant(Self.second), at: Self.instant(11 * Self.second))
        admission.commitBegan(at: Self.instant(12 * Self.second))
        admission.commitEnded(orders: 10, began: Self.instant(12 * Self.second), at: Self.instant(12 * Self.second + Self.second / 200))
        let admitted = (0..<5_000).count { _ in admission.admit(at: Self.instant(13 * Self.second)) }
        #expect(admitted == 2_001)
    }

    @Test func theOldestOfTwoTransactionsCounts() {
        let admission = Admission(capacity: 100, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitBegan(at: Self.instant(2 * Self.second))
        #expect(admission.commitAge(at: Self.instant(3 * Self.second)) == 2 * Self.second)
        admission.commitEnded(orders: 1, began: Self.instant(2 * Self.second), at: Self.instant(3 * Self.second))
        #expect(admission.commitAge(at: Self.instant(3 * Self.second)) == 2 * Self.second)
        #expect(!admission.admit(at: Self.instant(3 * Self.second)))
        admission.commitEnded(orders: 1, began: Self.instant(Self.second), at: Self.instant(3 * Self.second))
        #expect(admission.commitAge(at: Self.instant(3 * Self.second)) == nil)
        #expect(admission.admit(at: Self.instant(3 * Self.second)))
    }

    @Test func ofTwoTransactionsThatOverlapEachIsChargedWithWhatItTookBeyondTheOther() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        // Two hundred orders in two seconds: 100 orders a second, whoever began first.
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitEnded(orders: 100, began: Self.instant(Self.second), at: Self.instant(2 * Self.second))
        admission.commitEnded(orders: 100, began: Self.instant(Self.second), at: Self.instant(3 * Self.second))
        #expect((0..<500).count { _ in admission.admit(at: Self.instant(4 * Self.second)) } == 101)
    }

    @Test func aSmallTransactionThatEndsRightBehindAnotherIsNoProofOfSpeed() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitBegan(at: Self.instant(Self.second + 1))
        admission.commitEnded(orders: 100, began: Self.instant(Self.second), at: Self.instant(2 * Self.second))
        admission.commitEnded(orders: 10, began: Self.instant(Self.second + 1), at: Self.instant(2 * Self.second + 1))
        #expect((0..<500).count { _ in admission.admit(at: Self.instant(3 * Self.second)) } == 101)
    }

    @Test func aSmallTransactionSaysNothingOfTheRate() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.instant(Self.second))
        admission.commitEnded(orders: 1, began: Self.instant(Self.second), at: Self.instant(2 * Self.second))
        #expect((0..<500).allSatisfy { _ in admission.admit(at: Self.instant(3 * Self.second)) })
    }
}
