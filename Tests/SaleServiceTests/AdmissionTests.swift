import SaleService
import Testing

@Suite struct AdmissionTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func noMoreThanTheCapacityIsAdmittedAndAReleasedPlaceIsFree() {
        let admission = Admission(capacity: 2, promisedWait: .seconds(1))
        #expect(admission.admit(at: 1) && admission.admit(at: 1))
        #expect(!admission.admit(at: 1))
        #expect(admission.count == 2)
        admission.release(1)
        #expect(admission.admit(at: 1))
    }

    @Test func nothingIsAdmittedWhileOneTransactionTakesLongerThanThePromise() {
        let admission = Admission(capacity: 100, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.second)
        #expect(admission.admit(at: 2 * Self.second))
        #expect(!admission.admit(at: 2 * Self.second + 1))
        admission.commitEnded(orders: 1, at: 3 * Self.second)
        #expect(admission.admit(at: 3 * Self.second))
    }

    @Test func nothingIsAdmittedBehindMoreOrdersThanFitIntoThePromisedWait() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        // 100 orders a second.
        admission.commitBegan(at: Self.second)
        admission.commitEnded(orders: 100, at: 2 * Self.second)
        let admitted = (0..<500).count { _ in admission.admit(at: 3 * Self.second) }
        #expect(admitted == 101)
    }

    @Test func oneSlowTransactionDoesNotThrottleForEver() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.second)
        // 10 orders a second: from now on no transaction can be large.
        admission.commitEnded(orders: 100, at: 11 * Self.second)
        admission.commitBegan(at: 12 * Self.second)
        admission.commitEnded(orders: 10, at: 12 * Self.second + Self.second / 200)
        let admitted = (0..<5_000).count { _ in admission.admit(at: 13 * Self.second) }
        #expect(admitted == 2_001)
    }

    @Test func aSmallTransactionSaysNothingOfTheRate() {
        let admission = Admission(capacity: 10_000, promisedWait: .seconds(1))
        admission.commitBegan(at: Self.second)
        admission.commitEnded(orders: 1, at: 2 * Self.second)
        #expect((0..<500).allSatisfy { _ in admission.admit(at: 3 * Self.second) })
    }
}
