import FaultSuite
import Foundation
import LoadClient
import LoadSupport
import NIOHTTP1

extension Shop {
    /// Mends every link, starts whatever does not run, and waits until everything is as it was at
    /// the beginning: two edges, one of which holds the address, all nodes ready and known, three
    /// Redises and a primary with a replica, a Postgres and its synchronous standby.
    func heal() async throws {
        for host in hosts {
            try await lab.mend(host)
            _ = try await host.run(["nft", "flush", "ruleset"])
        }
        for edge in edges where edge.nginx.isRunning { try await edge.serveByHAProxy() }
        for program in programs { program.thaw() }
        for program in stores where !program.isRunning { try await program.start() }
        try await settle("Redis", within: 30) { await self.hasRedis() }
        try await settle("Postgres", within: 60) {
            let (primary, standby) = (await self.postgresPrimary(), await self.postgresStandby())
            return primary != nil && standby != nil
        }
        for program in programs where !program.isRunning { try await program.start() }
        for node in nodes { try await node.waitUntilReady() }
        try await settle("the edges", within: 30) { try await self.hasEdges() }
    }

    /// Nodes that both edges send purchases to.
    func nodesKnown() async -> Int {
        var least = Int.max
        // One that has just been started does not answer yet.
        for edge in edges { least = min(least, (try? await edge.nodesUp().count) ?? 0) }
        return least
    }

    /// All nodes, `node` among them, get purchases again. nginx finds out by trying.
    func waitUntilKnown(_ node: ShopNode) async throws {
        try await node.waitUntilReady()
        guard edges.allSatisfy(\.haproxy.isRunning) else { return }
        try await settle("what the edges know of \(node.name)", within: 15) { await self.nodesKnown() == self.nodes.count }
    }

    /// Both edges serve by nginx, and one of them holds the address.
    func serveByNginx() async throws {
        for edge in edges { try await edge.serveByNginx() }
        try await settle("the edges", within: 30) {
            let answer = try? await WebClient.shared.send(.GET, "\(self.base)/v1/sales", headers: [("Connection", "close")])
            return answer?.status == 200 && answer?.headers["server"]?.hasPrefix("nginx") == true
        }
    }

    private func settle(_ what: String, within seconds: Int, _ condition: () async throws -> Bool) async throws {
        guard try await eventually(within: .seconds(seconds), every: .milliseconds(200), condition) else {
            throw SetupFailure("\(what) did not come to rest within \(seconds) s")
        }
    }

    private func hasRedis() async -> Bool {
        guard let primary = await redisPrimary(), await primary.role() == "master" else { return false }
        var replicas = 0
        for host in redis where await host.role() == "slave" { replicas += 1 }
        return replicas == redis.count - 1
    }

    private func hasEdges() async throws -> Bool {
        guard await nodesKnown() >= nodes.count else { return false }
        var holders = 0
        for edge in edges where try await edge.holdsAddress() { holders += 1 }
        let answer = try? await WebClient.shared.send(.GET, "\(base)/v1/sales", headers: [("Connection", "close")])
        return holders == 1 && answer?.status == 200
    }
}
