/// A stack whose books are kept in the Redis that its nodes use now.
private struct MovedStack: Market {
    let stack: Stack
    let redisPort: Int

    var saleName: String { stack.saleName }
    var doors: [Door] { stack.doors }

    func audit() async throws -> AuditReading { try await stack.audit(["--redis-url", "redis://127.0.0.1:\(redisPort)/0"]) }

    func query(_ sql: String, variables: [String: String]) async throws -> [[String]] { try await stack.query(sql, variables: variables) }
}

extension Stack: Market {
    package var saleName: String { sale.name }
    package var doors: [Door] { nodes.map(\.door) }

    package func audit() async throws -> AuditReading { try await audit([]) }

    fileprivate func audit(_ more: [String]) async throws -> AuditReading {
        AuditReading.decode(try await seckill(["audit", "--sale", sale.name, "-o", "json"] + more))
    }

    package func query(_ sql: String, variables: [String: String]) async throws -> [[String]] {
        try await postgres.query(sql, variables: variables)
    }

    /// As `judge(answersOf:)`, with the memory of the nodes.
    ///
    /// - Parameter redisPort: the Redis that the nodes use now, if it is another one.
    func judge(
        _ crowd: Crowd, _ trial: Trial, mustSellOut: Bool = true, mustBeFelt: Bool = false, redisPort: Int? = nil
    ) async throws {
        let market: any Market = if let redisPort { MovedStack(stack: self, redisPort: redisPort) } else { self }
        try await market.judge(answersOf: crowd, trial, mustSellOut: mustSellOut, mustBeFelt: mustBeFelt)
        for (index, node) in nodes.enumerated() {
            if let used = node.figures { trial.figureMax("node_\(index + 1)_rss_mib", Double(used.residentBytes) / 1_048_576) }
        }
    }
}
