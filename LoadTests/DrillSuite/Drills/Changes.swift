import FaultSuite
import Foundation
import Glibc
import LoadSupport

extension Drill {
    /// D3 and D4: what operators do while people buy.
    static func changes(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario("D3", "every node is restarted, one after another, and upgraded, under load", bar: "0 failed requests") { trial in
                try await keeper.withShop(trial) { shop in
                    if trial.isWhole { try await rolls(trial, shop, keeper, to: keeper.earlier, "back", purchasesPerConnection: 1) }
                    try await rolls(trial, shop, keeper, to: shop.executable, "forward", purchasesPerConnection: 10)
                }
            },
            Scenario(
                "D4", "HAProxy is reloaded five times, and nginx; a node comes and goes; the name server is silent", bar: "0 failed requests"
            ) { trial in
                try await keeper.withShop(trial) { shop in
                    try await reloads(trial, shop, keeper, "HAProxy", purchasesPerConnection: 10)
                    let changes = try await trial.drill(Load(seconds: 12), in: shop, keeper) {
                        let node = shop.nodes[1]
                        trial.injected("\(node.name) takes its record away")
                        try await node.host.mustRun(["/etc/seckill/register.sh", "remove"])
                        let leave = ContinuousClock.now
                        let isGone = try await eventually(within: .seconds(6)) { await shop.nodesKnown() == shop.nodes.count - 1 }
                        trial.figure("node_gone_seconds", (ContinuousClock.now - leave).seconds)
                        trial.check("a_node_leaves_by_dns", isGone, "\(await shop.nodesKnown()) nodes known")
                        trial.injected("\(node.name) adds its record")
                        try await node.host.mustRun(["/etc/seckill/register.sh", "add"])
                        let come = ContinuousClock.now
                        try await shop.waitUntilKnown(node)
                        trial.figure("node_there_seconds", (ContinuousClock.now - come).seconds)
                    }
                    trial.check("no_request_failed", changes.failed.isEmpty, "a node left and came: \(changes.text)")
                    let silence = trial.isWhole ? 30.0 : 8
                    let silent = try await trial.drill(Load(perSecond: 30, seconds: silence + 4), in: shop, keeper) {
                        trial.injected("name server silent")
                        shop.names.freeze()
                        try await Task.sleep(for: .seconds(silence))
                        trial.check(
                            "nodes_are_kept", await shop.nodesKnown() == shop.nodes.count, "\(await shop.nodesKnown()) nodes known in the end"
                        )
                        shop.names.thaw()
                    }
                    trial.check("no_request_failed", silent.failed.isEmpty, "names silent for \(silence) s: \(silent.text)")
                    guard trial.isWhole else { return }
                    try await shop.serveByNginx()
                    // It closes idle connections at a reload, at times under a request on its way:
                    // seamless is what it does with new ones.
                    try await reloads(trial, shop, keeper, "nginx", purchasesPerConnection: 1)
                }
            },
        ]
    }

    /// Every node is stopped, and started as `executable`.
    private static func rolls(
        _ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, to executable: String, _ way: String, purchasesPerConnection: Int
    ) async throws {
        let load = Load(seconds: Double(shop.nodes.count) * 7, purchasesPerConnection: purchasesPerConnection)
        let felt = try await trial.drill(load, in: shop, keeper) {
            try await trial.pause(1_000...1_000)
            for node in shop.nodes {
                trial.injected("restart of \(node.name), \(way)")
                trial.figureMax("stop_seconds", try await node.stop())
                try await node.install(executable)
                let start = ContinuousClock.now
                try await node.startAndWait()
                trial.figureMax("start_seconds", (ContinuousClock.now - start).seconds)
                try await shop.waitUntilKnown(node)
            }
        }
        trial.check("no_request_failed", felt.failed.isEmpty, "\(way): \(felt.text)")
    }

    private static func reloads(
        _ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, _ program: String, purchasesPerConnection: Int
    ) async throws {
        let felt = try await trial.drill(Load(seconds: 12, purchasesPerConnection: purchasesPerConnection), in: shop, keeper) {
            for _ in 1...5 {
                trial.injected("\(program) reloaded")
                for edge in shop.edges { try await edge.reload() }
                try await trial.pause(1_200...1_200)
            }
        }
        trial.check("no_request_failed", felt.failed.isEmpty, "reloads of \(program): \(felt.text)")
    }
}
