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
}
