import FaultSuite
import Foundation
import Glibc
import LoadClient
import NIOHTTP1

extension Drill {
    /// D11: who looks is told.
    static func alerts(_ keeper: ShopKeeper) -> [Scenario] {
        [
            Scenario("D11", "alerts fire by their fault and rest after it; the lines of a purchase are found by its id", bar: "all") { trial in
                try await keeper.withShop(trial) { shop in
                    let watch = Watch(shop)
                    try await watch.start()
                    try await finds(trial, shop, keeper, watch)
                    let isQuiet = try await eventually(within: .seconds(30), every: .milliseconds(500)) { try await watch.firing() == ["Watchdog"] }
                    trial.check("silence_when_all_is_well", isQuiet, "firing: \(try await watch.firing().sorted())")
                    try await firesAndRests(trial, shop, watch)
                }
            }
        ]
    }

    private static func finds(_ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, _ watch: Watch) async throws {
        let sale = try await keeper.sale(10, in: shop)
        guard let door = sale.doors.first else { return }
        let answer = try await door.buy(.shared, sale: sale.saleName, user: "ann", key: "ann-1")
        guard let order = answer.order, let request = answer.headers["x-request-id"] else { throw LabFailure("nothing was sold: \(answer.summary)") }
        trial.answered(answer.summary)
        func isWhole(_ lines: [String]) -> Bool { lines.contains { $0.contains("haproxy") } && lines.contains { $0.contains("request answered") } }
        let isFound = try await eventually(within: .seconds(10), every: .milliseconds(200)) { isWhole(try await watch.find("request", request)) }
        trial.check("a_purchase_is_found_by_its_request", isFound, "\(try await watch.find("request", request).count) lines of \(request)")
        let byOrder = try await watch.find("order", order)
        trial.check("and_by_its_order", byOrder.contains { $0.contains(request) }, "\(byOrder.count) lines of \(order)")
        let bySale = try await watch.find("sale", sale.saleName)
        trial.check("and_by_its_sale", bySale.contains { $0.contains(request) }, "\(bySale.count) lines of \(sale.saleName)")
    }

    /// Faults that leave each other alone, at once; then all is mended.
    private static func firesAndRests(_ trial: Trial, _ shop: Shop, _ watch: Watch) async throws {
        guard let primary = await shop.redisPrimary(), let replica = shop.redis.first(where: { $0 !== primary }),
            let standby = await shop.postgresStandby(),
            let edge = try await shop.edgeThatHolds(), let other = shop.edges.first(where: { $0 !== edge })
        else { throw LabFailure("the shop is not whole") }
        trial.injected("a node, a cache, an edge's keepalived, a Redis replica and the Postgres standby are dead")
        let expected = ["NodeDown", "NodesFew", "CacheDown", "VIPMasters", "RedisReplicasFew", "SentinelDown", "StandbyMissing"]
        await shop.nodes[1].service.kill()
        await other.varnish.kill()
        await edge.keepalived.kill()
        await other.keepalived.kill()
        await replica.redis.kill()
        await replica.sentinel.kill()
        await standby.patroni.kill()
        if let pid = try await standby.postmaster() { _ = Glibc.kill(pid, SIGKILL) }
        let start = ContinuousClock.now
        for alert in expected {
            let isTold = try await eventually(within: .seconds(45), every: .milliseconds(500)) { watch.wasTold(alert, "firing") }
            trial.figure("\(alert): told after, seconds", (ContinuousClock.now - start).seconds)
            trial.check("every_fault_is_told", isTold, "\(alert): \(isTold ? "told" : "not told"), firing: \(try await watch.firing().sorted())")
        }
        try await shop.heal()
        let healed = ContinuousClock.now
        for alert in expected {
            let isTold = try await eventually(within: .seconds(60), every: .milliseconds(500)) { watch.wasTold(alert, "resolved") }
            trial.figure("\(alert): rests after, seconds", (ContinuousClock.now - healed).seconds)
            trial.check("every_alert_rests", isTold, "\(alert): \(isTold ? "rests" : "does not rest")")
        }
    }
}
