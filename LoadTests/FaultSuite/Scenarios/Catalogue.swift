extension Scenario {
    /// Every scenario, in the order in which they run.
    package static let all: [Scenario] = [
        nodeDeaths, nodeStalls, redisDeaths, redisLosses, redisPromotions, redisTroubles, postgresDeaths, postgresTroubles, lostCommits, fullDisks,
        partitions, clockJumps, overload, oneAnswerPerKey, keyAbuse, slowClients, hostileBodies, hostileFraming, hostileHeaders, forgedTokens,
        objectAccess,
        operatorMistakes, endsOfOrders,
    ].flatMap { $0 }
}
