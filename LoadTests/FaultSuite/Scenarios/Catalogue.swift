extension Scenario {
    /// Every scenario, in the order in which they run.
    package static let all: [Scenario] = nodeDeaths + redisDeaths + redisLosses + postgresDeaths + lostCommits + oneAnswerPerKey + keyAbuse
}
