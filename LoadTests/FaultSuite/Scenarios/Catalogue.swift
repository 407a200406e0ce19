extension Scenario {
    /// Every scenario, in the order in which they run.
    package static let all: [Scenario] = [
        nodeDeaths, nodeStalls, redisDeaths, redisLosses, redisPromotions, redisTroubles, idleLooks, postgresDeaths, postgresTroubles,
        readOnlyPostgres, lostCommits, fullDisks,
        partitions, clockJumps, overload, oneAnswerPerKey, keyAbuse, slowClients, deafStreams, hostileBodies, hostileFraming, hostileHeaders,
        forgedTokens, objectAccess,
        operatorMistakes, endsOfOrders, manySales, wrongRedis, webhookDeliveries,
    ].flatMap { $0 }

    /// By id; a letter at the end of an id may be left out, which names all that have one.
    package static func named(_ name: String) -> [Scenario] {
        all.filter { scenario in
            let id = scenario.id.lowercased()
            return id == name.lowercased() || (id.last?.isLetter == true && id.dropLast() == name.lowercased())
        }
    }

    /// Tests of the catalogue that have nothing to test here.
    package static let inapplicable = [
        FaultReport.Inapplicable(scenario: "T36", reason: "the service asks for no proof of work")
    ]
}
