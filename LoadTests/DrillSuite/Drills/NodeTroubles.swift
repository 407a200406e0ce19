import FaultSuite
import Foundation
import Glibc

extension Drill {
    /// D5: a node in trouble.
    static func nodes(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario("D5", "a node is killed, frozen for 5 s, and slow", bar: "no purchase is sent twice; ≤ 1 s of failures on its share") { trial in
                try await keeper.withShop(trial) { shop in
                    let node = shop.nodes[0]
                    let killed = try await trial.drill(Load(seconds: 6, purchasesPerConnection: 10), in: shop, keeper) {
                        try await trial.pause(1_500...1_500)
                        trial.injected("kill -9 of \(node.name)")
                        await node.service.kill()
                    }
                    trial.check("failures_are_short", killed.seconds <= 1, "killed: \(killed.text)")
                    try await shop.heal()
                    let frozen = try await trial.drill(Load(seconds: 10), in: shop, keeper) {
                        try await trial.pause(1_500...1_500)
                        trial.injected("SIGSTOP of \(node.name) for 5 s")
                        node.service.freeze()
                        try await trial.pause(5_000...5_000)
                        node.service.thaw()
                    }
                    trial.check("failures_are_short", frozen.seconds <= 1, "frozen: \(frozen.text)")
                    try await shop.heal()
                    let slow = try await trial.drill(Load(seconds: 8), in: shop, keeper) {
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
                    let twice = try await sentTwice(shop)
                    trial.check("nothing_is_sent_twice", twice.isEmpty, "\(twice.count) purchases reached two nodes \(twice.prefix(3))")
                }
            }
        ]
    }

    /// Ids of purchases that more than one node has answered, by their access logs.
    private static func sentTwice(_ shop: Shop) async throws -> [String] {
        var seen: [String: Set<String>] = [:]
        for node in shop.nodes {
            let text = (try? String(contentsOfFile: "\(node.host.log)/seckill/seckill.log", encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n") where line.contains("\"method\":\"POST\"") {
                guard let start = line.range(of: "\"request_id\":\""), let end = line[start.upperBound...].firstIndex(of: "\"") else { continue }
                seen[String(line[start.upperBound..<end]), default: []].insert(node.name)
            }
        }
        return seen.filter { $0.value.count > 1 }.map(\.key)
    }
}
