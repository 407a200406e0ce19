import FaultSuite
import Foundation
import LoadClient
import NIOHTTP1

extension Shop {
    /// Mends every link, starts whatever does not run, and waits until everything is as it was at the beginning: two edges, one of which holds the address, all nodes
    /// ready and known, three Redises and a primary with a replica, a Postgres and its synchronous standby.
    func heal() async throws {
        for host in hosts {
            try await lab.mend(host)
            _ = try await host.run(["nft", "flush", "ruleset"])
        }
        for program in programs {
            program.thaw()
            if !program.isRunning { try await program.start() }
        }
        try await settle("Redis", within: 30) { await self.hasRedis() }
        try await settle("Postgres", within: 60) {
            let (primary, standby) = (await self.postgresPrimary(), await self.postgresStandby())
            return primary != nil && standby != nil
        }
        for node in nodes { try await node.waitUntilReady() }
        try await settle("the edges", within: 30) { try await self.hasEdges() }
    }

    private func settle(_ what: String, within seconds: Int, _ condition: () async throws -> Bool) async throws {
        guard try await eventually(within: .seconds(seconds), every: .milliseconds(200), condition) else {
            throw LabFailure("\(what) did not come to rest within \(seconds) s")
        }
    }

    private func hasRedis() async -> Bool {
        guard let primary = await redisPrimary(), await primary.role() == "master" else { return false }
        var replicas = 0
        for host in redis where await host.role() == "slave" { replicas += 1 }
        return replicas == redis.count - 1
    }

    private func hasEdges() async throws -> Bool {
        var holders = 0
        for edge in edges {
            if try await edge.nodesUp().count < nodes.count { return false }
            if try await edge.holdsAddress() { holders += 1 }
        }
        let answer = try? await WebClient.shared.send(.GET, "\(base)/v1/sales", headers: [("Connection", "close")])
        return holders == 1 && answer?.status == 200
    }
}
