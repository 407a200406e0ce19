import LoadModel
import Testing

@Suite struct OutcomeTests {
    @Test(
        arguments: [
            (201, nil, .committed), (202, nil, .reserved),
            (409, "sold_out", .soldOut), (409, "limit_reached", .limitReached), (409, "not_started", .refused), (409, nil, .refused),
            (410, "closed", .refused), (400, "malformed_request", .refused), (401, "unauthenticated", .refused), (404, "unknown_sale", .refused),
            (422, "idempotency_mismatch", .refused), (429, "rate_limited", .rateLimited), (429, nil, .rateLimited),
            (503, "overloaded", .shed), (503, "recovering", .shed), (503, nil, .shed),
            (500, nil, .error), (502, nil, .error), (504, nil, .error), (200, nil, .error), (302, nil, .error),
        ] as [(Int, String?, Outcome)])
    func statusAndCodeTellTheOutcome(status: Int, code: String?, outcome: Outcome) {
        #expect(Outcome(status: status, code: code) == outcome)
    }

    @Test func onlyLostAndFailedAnswersMayHideAnOrder() {
        #expect(Set(Outcome.allCases.filter(\.mayHaveBought)) == [.error, .unknown])
    }

    @Test(
        arguments: [
            (200, nil, .settled), (201, nil, .error), (202, nil, .error), (409, "not_cancellable", .refused), (404, "unknown_order", .refused),
            (401, "unauthenticated", .refused), (429, nil, .rateLimited), (503, "draining", .shed), (500, nil, .error),
        ] as [(Int, String?, Outcome)])
    func whatFollowsAPurchaseIsSettledBy200(status: Int, code: String?, outcome: Outcome) {
        #expect(Outcome(followUpStatus: status, code: code) == outcome)
    }

    @Test func groupsSayWhatTheBuyerKnows() {
        #expect(Outcome.allCases.filter { $0.group == .ok } == [.committed, .reserved, .settled])
        #expect(Outcome.allCases.filter { $0.group == .unknown } == [.error, .unknown, .unsent])
    }

    @Test func namesAreThoseOfTheReport() {
        #expect(
            Outcome.allCases.map(\.rawValue) == [
                "committed", "reserved", "sold_out", "limit_reached", "rate_limited", "shed", "refused", "error", "unknown", "unsent",
                "settled",
            ])
    }
}
