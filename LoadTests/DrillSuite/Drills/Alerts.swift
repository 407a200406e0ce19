import FaultSuite
import Foundation
import Glibc
import LoadClient
import LoadSupport
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
                    try await firesAndRests(trial, shop, keeper, watch)
                }
            }
        ]
    }

    private static func finds(_ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, _ watch: Watch) async throws {
        let sale = try await keeper.sale(10, in: shop)
        guard let door = sale.doors.first else { return }
        let answer = try await door.buy(.shared, sale: sale.saleName, user: "ann", key: "ann-1")
        guard let order = answer.order, let request = answer.headers["x-request-id"] else {
            throw SetupFailure("nothing was sold: \(answer.summary)")
        }
        trial.answered(answer.summary)
        func isWhole(_ lines: [String]) -> Bool { lines.contains { $0.contains("haproxy") } && lines.contains { $0.contains("request answered") } }
        let isFound = try await eventually(within: .seconds(10), every: .milliseconds(200)) { isWhole(try await watch.find("request", request)) }
        trial.check("a_purchase_is_found_by_its_request", isFound, "\(try await watch.find("request", request).count) lines of \(request)")
        let byOrder = try await watch.find("order", order)
        trial.check("and_by_its_order", byOrder.contains { $0.contains(request) }, "\(byOrder.count) lines of \(order)")
        let bySale = try await watch.find("sale", sale.saleName)
        trial.check("and_by_its_sale", bySale.contains { $0.contains(request) }, "\(bySale.count) lines of \(sale.saleName)")
    }

    /// Faults that leave each other alone, at once; then the rest of the shop; then all is mended.
    private static func firesAndRests(_ trial: Trial, _ shop: Shop, _ keeper: ShopKeeper, _ watch: Watch) async throws {
        guard let primary = await shop.redisPrimary(), let replica = shop.redis.first(where: { $0 !== primary }),
            let postgres = await shop.postgresPrimary(), let standby = await shop.postgresStandby(),
            let edge = try await shop.edgeThatHolds(), let other = shop.edges.first(where: { $0 !== edge })
        else { throw SetupFailure("the shop is not whole") }
        let sale = try await keeper.sale(1_000, in: shop)
        let first = ["NodeDown", "NodesFew", "CacheDown", "VIPMasters", "RedisReplicasFew", "SentinelDown", "StandbyMissing"]
        let causes = ["PostgresDown", "RedisDown", "EdgeDown"]
        // Nobody is told of these while their cause is known.
        let effects = ["QueueOld", "NothingConfirmed", "CommitsFail", "NotReady", "AllNodesDown", "EdgeErrors"]

        trial.injected("a node, a cache, both keepaliveds, a Redis replica and the Postgres standby are dead")
        await shop.nodes[1].service.kill()
        await other.varnish.kill()
        await edge.keepalived.kill()
        await other.keepalived.kill()
        await kill(replica)
        await kill(standby)
        try await tells(trial, watch, first)

        try await withThrowingTaskGroup(of: Void.self) { group in
            // Nobody holds the virtual address now.
            for base in [shop.nodes[0].base, "http://\(other.host.address)"] {
                let door = Door(base: base, credentials: Shop.credentials)
                group.addTask { try await asks(door, sale) }
            }
            try await trial.pause(2_000...2_000)
            trial.injected("the Postgres primary is dead, too")
            await kill(postgres)
            try await tells(trial, watch, [causes[0]])
            try await fires(trial, watch, effects)
            // Whoever is told of anything would have been by now.
            try await trial.pause(5_000...5_000)
            let told = ["NotReady", "AllNodesDown"].filter { watch.wasTold($0, "firing") }
            trial.check("a_cause_silences_what_follows", told.isEmpty, "told beside PostgresDown: \(told)")
            trial.injected("every Redis and an edge's HAProxy are dead")
            for host in shop.redis { await kill(host) }
            await edge.haproxy.kill()
            try await tells(trial, watch, Array(causes.dropFirst()))
            group.cancelAll()
        }

        try await shop.heal()
        try await fires(trial, watch, ["Rebuilds"])
        let healed = ContinuousClock.now
        for alert in first + causes {
            let isTold = try await eventually(within: .seconds(60), every: .milliseconds(500)) { watch.wasTold(alert, "resolved") }
            trial.figure("\(alert): rests after, seconds", (ContinuousClock.now - healed).seconds)
            trial.check("every_alert_rests", isTold, "\(alert): \(isTold ? "rests" : "does not rest")")
        }
        let isQuiet = try await eventually(within: .seconds(60), every: .milliseconds(500)) {
            try await watch.firing().isDisjoint(with: first + causes + effects)
        }
        trial.check("silence_when_all_is_mended", isQuiet, "firing: \(try await watch.firing().sorted())")
        trial.injected("kill -9 of \(shop.nodes[0].name), which is started again")
        await shop.nodes[0].service.kill()
        try await shop.nodes[0].startAndWait()
        try await fires(trial, watch, ["NodeRestarted"])
        let (audit, _) = try await sale.comeToRest(soldOut: false)
        trial.check("units_are_conserved", audit.isAtRest, audit.summary)
    }

    private static func tells(_ trial: Trial, _ watch: Watch, _ alerts: [String]) async throws {
        try await comes(trial, watch, alerts, "told") { alert in watch.wasTold(alert, "firing") }
    }

    private static func fires(_ trial: Trial, _ watch: Watch, _ alerts: [String]) async throws {
        try await comes(trial, watch, alerts, "firing") { alert in try await watch.firing().contains(alert) }
    }

    private static func comes(
        _ trial: Trial, _ watch: Watch, _ alerts: [String], _ state: String, _ isThere: (String) async throws -> Bool
    ) async throws {
        let start = ContinuousClock.now
        for alert in alerts {
            let left = .seconds(45) - (ContinuousClock.now - start)
            let hasCome = try await eventually(within: left, every: .milliseconds(500)) { try await isThere(alert) }
            trial.figure("\(alert): \(state) after, seconds", (ContinuousClock.now - start).seconds)
            trial.check("every_fault_is_told", hasCome, "\(alert): \(hasCome ? "" : "not ")\(state) beside \(try await watch.firing().sorted())")
        }
    }

    /// A buyer after the other, at both doors some ten a second, until it is cancelled.
    private static func asks(_ door: Door, _ sale: ShopSale) async throws {
        var number = 0
        while !Task.isCancelled {
            number += 1
            _ = try? await door.buy(.shared, sale: sale.saleName, user: "asks-\(number)", timeout: .seconds(1))
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private static func kill(_ redis: RedisHost) async {
        await redis.redis.kill()
        await redis.sentinel.kill()
    }

    private static func kill(_ postgres: PostgresHost) async {
        await postgres.patroni.kill()
        if let pid = try? await postgres.postmaster() { _ = Glibc.kill(pid, SIGKILL) }
    }
}
