extension Scenario {
    /// Every scenario, in the order in which they run.
    package static let all: [Scenario] = [
        nodeDeaths, nodeStalls, redisDeaths, redisLosses, redisPromotions, redisTroubles, postgresDeaths, postgresTroubles, lostCommits, fullDisks,
        partitions, clockJumps, oneAnswerPerKey, keyAbuse,
    ].flatMap { $0 }
}
