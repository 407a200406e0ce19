import FaultSuite
import Foundation
import Glibc
import LoadSupport

extension Drill {
    /// D5: a node in trouble.
    static func nodes(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario(
                "D5", "a node is killed, frozen for 5 s, and slow, behind HAProxy and nginx",
                bar: "no purchase is sent twice; ≤ 1 s of failures on its share"
            ) {
                trial in
                try await keeper.withShop(trial) { shop in
                    try await isKilledAndFrozen(trial, shop, keeper, behind: "HAProxy")
                    let node = shop.nodes[0]
                    let slow = try await trial.drill(Load(seconds: 10), in: shop, keeper) {
                        try await trial.pause(1_500...1_500)
                        trial.injected("\(node.name) stands still half of the time")
                        for _ in 1...16 {
                            node.service.freeze()
                            try await trial.pause(150...150)
                            node.service.thaw()
                            try await trial.pause(150...150)
                        }
                    }
                    trial.check("failures_are_short", slow.seconds <= 1, "slow: \(slow.text)")
                    try await shop.serveByNginx()
                    try await isKilledAndFrozen(trial, shop, keeper, behind: "nginx")
                    let nodesOf = try nodesByPurchase(shop)
                    let twice = nodesOf.filter { $0.value.count > 1 }.keys.sorted()
                    trial.check(
                        "nothing_is_sent_twice", twice.isEmpty, "\(twice.count) of \(nodesOf.count) purchases reached two nodes \(twice.prefix(3))")
                    trial.check("lines_are_written", nodesOf.count > 500, "the nodes have lines of \(nodesOf.count) purchases")
                }
            }
        ]
    }

    private static func isKilledAndFrozen(_ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, behind edge: String) async throws {
        let node = shop.nodes[0]
        @Sendable func takesPart(since lines: Int) throws {
            let more = try node.lines().count - lines
            trial.check("the_node_takes_purchases", more > 0, "\(more) lines of \(node.name) behind \(edge) before its fault")
        }
        let before = try node.lines().count
        let killed = try await trial.drill(Load(seconds: 6, purchasesPerConnection: 10, isKeyed: false), in: shop, keeper) {
            try await trial.pause(1_500...1_500)
            try takesPart(since: before)
            trial.injected("kill -9 of \(node.name) behind \(edge)")
            await node.service.kill()
        }
        trial.check("failures_are_short", killed.seconds <= 1, "killed behind \(edge): \(killed.text)")
        // The dead node has written no line of what it had read.
        trial.check("nothing_is_sent_twice", killed.refusedAsSecond == 0, "\(killed.refusedAsSecond) buyers were refused a second unit")
        try await node.start()
        try await shop.waitUntilKnown(node)
        let again = try node.lines().count
        let frozen = try await trial.drill(Load(seconds: 10), in: shop, keeper) {
            try await trial.pause(1_500...1_500)
            try takesPart(since: again)
            trial.injected("SIGSTOP of \(node.name) for 5 s behind \(edge)")
            node.service.freeze()
            try await trial.pause(5_000...5_000)
            node.service.thaw()
        }
        // Without health checks it shows by requests that hang.
        let isShort = edge == "nginx" ? frozen.failed.count * 100 <= frozen.requests : frozen.seconds <= 1
        trial.check("failures_are_short", isShort, "frozen behind \(edge): \(frozen.text)")
        try await shop.waitUntilKnown(node)
    }

    /// Which nodes have answered a purchase, by their access logs and the id that the edge gave it.
    private static func nodesByPurchase(_ shop: Shop) throws -> [String: Set<String>] {
        var seen: [String: Set<String>] = [:]
        for node in shop.nodes {
            for line in try node.lines() where line.contains("\"method\":\"POST\"") {
                guard let start = line.range(of: "\"request_id\":\""), let end = line[start.upperBound...].firstIndex(of: "\"") else { continue }
                seen[String(line[start.upperBound..<end]), default: []].insert(node.name)
            }
        }
        return seen
    }
}
