import LoadSupport
import Testing

@testable import FaultSuite

@Suite struct AuditReadingTests {
    private static func reading(_ status: Int32, settled: Bool = true, inFlight: Int = 0, available: String = "1", balanced: Bool = true)
        -> AuditReading
    {
        AuditReading.decode(
            Subprocess.Outcome(
                status: status,
                data: """
                    {"balanced":\(balanced),"balances":[{"sku":"unit","loaded":3,"available":\(available),"in_flight":\(inFlight),"live":2,
                    "settled":\(settled),"breaches":[]}]}
                    """, messages: ""))
    }

    @Test func settledAndBalancedIsAtRest() {
        #expect(Self.reading(0).isAtRest)
    }

    @Test(arguments: [
        reading(7, balanced: false), reading(6), reading(0, settled: false), reading(0, inFlight: 1), reading(0, available: "null"),
    ])
    func anythingElseIsNot(reading: AuditReading) {
        #expect(!reading.isAtRest)
    }

    @Test func anAuditThatSaysNothingIsNoRest() {
        #expect(!AuditReading.decode(Subprocess.Outcome(status: 0, data: "", messages: "")).isAtRest)
        #expect(!AuditReading.decode(Subprocess.Outcome(status: 0, data: "{\"balanced\":true,\"balances\":[]}", messages: "")).isAtRest)
    }
}
