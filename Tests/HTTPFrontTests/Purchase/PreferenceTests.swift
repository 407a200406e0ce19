import Testing

@testable import HTTPFront

@Suite struct PreferenceTests {
    struct Case: CustomTestStringConvertible {
        var headers: [String]
        var applied: String?
        var waitSeconds: UInt64

        var testDescription: String { "\(headers)" }
    }

    @Test(arguments: [
        Case(headers: [], applied: nil, waitSeconds: 9),
        Case(headers: ["respond-async"], applied: "respond-async", waitSeconds: 0),
        Case(headers: ["wait=3"], applied: "wait=3", waitSeconds: 3),
        Case(headers: ["respond-async, wait=2"], applied: "respond-async, wait=2", waitSeconds: 2),
        Case(headers: ["respond-async", "wait=2"], applied: "respond-async, wait=2", waitSeconds: 2),
        Case(headers: ["wait=1, wait=5"], applied: "wait=1", waitSeconds: 1),
        Case(headers: ["wait=9999"], applied: "wait=25", waitSeconds: 25),
        Case(headers: ["wait=-1"], applied: nil, waitSeconds: 9),
        Case(headers: ["wait=soon, return=minimal"], applied: nil, waitSeconds: 9),
        Case(headers: ["Respond-Async; foo=bar"], applied: "respond-async", waitSeconds: 0),
    ])
    func preferencesAreAppliedAsTheRFCSaysAndTheRestIsIgnored(example: Case) {
        let preference = Preference(headerValues: example.headers)
        #expect(preference.applied == example.applied)
        #expect(preference.waitNanoseconds(standard: 9_000_000_000) == example.waitSeconds * 1_000_000_000)
    }
}
