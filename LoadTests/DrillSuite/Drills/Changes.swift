import FaultSuite
import Foundation
import Glibc

extension Drill {
    /// D3 and D4: what operators do while people buy.
    static func changes(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario("D3", "every node is restarted, one after another, and upgraded, under load", bar: "0 failed requests") { trial in
                try await keeper.withShop(trial) { shop in
                    for (name, perConnection) in [("ten purchases a connection", 10), ("a connection each", 1)].prefix(trial.isWhole ? 2 : 1) {
                        let felt = try await trial.drill(
                            Load(seconds: Double(shop.nodes.count) * 7, purchasesPerConnection: perConnection), in: shop, keeper
                        ) {
                            try await trial.pause(1_000...1_000)
                            for node in shop.nodes {
                                trial.injected("restart of \(node.name)")
                                trial.figureMax("stop_seconds", try await node.stop())
                                let start = ContinuousClock.now
                                try await node.startAndWait()
                                trial.figureMax("start_seconds", (ContinuousClock.now - start).seconds)
                                try await isServed(by: shop, node)
                            }
                        }
                        trial.check("no_request_failed", felt.failed.isEmpty, "\(name): \(felt.text)")
                    }
                }
            },
            Scenario("D4", "HAProxy is reloaded five times; a node comes and goes; the name server is silent", bar: "0 failed requests") { trial in
                try await keeper.withShop(trial) { shop in
                    let reloads = try await trial.drill(Load(seconds: 8, purchasesPerConnection: 10), in: shop, keeper) {
                        for _ in 1...5 {
                            trial.injected("HAProxy reloaded")
                            for edge in shop.edges { try await edge.reload() }
                            try await trial.pause(1_200...1_200)
                        }
                    }
                    trial.check("no_request_failed", reloads.failed.isEmpty, "reloads: \(reloads.text)")
                    let changes = try await trial.drill(Load(seconds: 12), in: shop, keeper) {
                        let node = shop.nodes[1]
                        trial.injected("\(node.name) takes its record away")
                        try await node.host.mustRun(["/etc/seckill/register.sh", "remove"])
                        let leave = ContinuousClock.now
                        let isGone = try await eventually(within: .seconds(6)) { try await known(by: shop) == shop.nodes.count - 1 }
                        trial.figure("node_gone_seconds", (ContinuousClock.now - leave).seconds)
                        trial.check("a_node_leaves_by_dns", isGone, "\(try await known(by: shop)) nodes known")
                        trial.injected("\(node.name) adds its record")
                        try await node.host.mustRun(["/etc/seckill/register.sh", "add"])
                        let come = ContinuousClock.now
                        try await isServed(by: shop, node)
                        trial.figure("node_there_seconds", (ContinuousClock.now - come).seconds)
                    }
                    trial.check("no_request_failed", changes.failed.isEmpty, "a node left and came: \(changes.text)")
                    let silence = trial.isWhole ? 30.0 : 8
                    let silent = try await trial.drill(Load(perSecond: 30, seconds: silence + 2), in: shop, keeper) {
                        trial.injected("name server silent")
                        shop.names.freeze()
                        try await Task.sleep(for: .seconds(silence))
                        trial.check(
                            "nodes_are_kept", try await known(by: shop) == shop.nodes.count, "\(try await known(by: shop)) nodes known in the end")
                        shop.names.thaw()
                    }
                    trial.check("no_request_failed", silent.failed.isEmpty, "names silent for \(silence) s: \(silent.text)")
                }
            },
        ]
    }

    /// Nodes that both edges send purchases to.
    private static func known(by shop: Shop) async throws -> Int {
        var least = Int.max
        for edge in shop.edges { least = min(least, try await edge.nodesUp().count) }
        return least
    }

    private static func isServed(by shop: Shop, _ node: ShopNode) async throws {
        guard try await eventually(within: .seconds(15), { try await known(by: shop) == shop.nodes.count }) else {
            throw LabFailure("the edges do not know \(node.name)")
        }
    }
}
