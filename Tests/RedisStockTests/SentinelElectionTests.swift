import Testing

@testable import RedisStock

@Suite struct SentinelElectionTests {
    private func endpoint(_ port: Int) -> SentinelGroup.Endpoint { SentinelGroup.Endpoint(host: "h", port: port) }

    @Test(arguments: [
        ([1, 1, 1], 3, 1, true), ([1, 2, 1], 3, 1, true), ([2, 1, 1], 3, 1, true), ([1], 3, 1, false), ([1, 2], 3, 1, false), ([1, 1], 4, 1, false),
    ])
    func mostAnswersNameThePrimaryAndMoreThanHalfOfAllElectIt(answers: [Int], sentinels: Int, primary: Int, isMajority: Bool) {
        let election = SentinelElection(answers: answers.map(endpoint), sentinelCount: sentinels)
        #expect(election.primary == endpoint(primary))
        #expect(election.isMajority == isMajority)
    }

    @Test func noAnswerNamesNobody() {
        let election = SentinelElection(answers: [], sentinelCount: 3)
        #expect(election.primary == nil && !election.isMajority)
    }

    /// A Sentinel whose host is dead holds nobody up.
    @Test func theElectionIsOverAsSoonAsMostOfAllAgree() {
        var elections: [SentinelElection] = []
        let polling = SentinelElection.Polling(sentinelCount: 3) { elections.append($0) }
        polling.answered(endpoint(1))
        #expect(elections.isEmpty)
        polling.answered(endpoint(1))
        #expect(elections.map(\.primary) == [endpoint(1)])
        polling.answered(nil)
        #expect(elections.count == 1)
    }

    @Test func withoutAMajorityEverybodyIsHeard() {
        var elections: [SentinelElection] = []
        let polling = SentinelElection.Polling(sentinelCount: 3) { elections.append($0) }
        for answer in [endpoint(1), endpoint(2), nil] {
            #expect(elections.isEmpty)
            polling.answered(answer)
        }
        #expect(elections.map(\.isMajority) == [false])
    }
}
